import { afterEach, describe, expect, test } from '@jest/globals';
import {
  type AppendOutcome,
  type HandedAnswer,
  type HandedCall,
  type HandOver,
  Ledger,
  LedgerFault,
  type LedgerOptions,
  type LedgerStore,
} from '#ledger';
import { CommitterServer } from '../../../services/ledger/adapters/committer-server.ts';
import { HttpHandOver } from '../../../services/ledger/adapters/http-hand-over.ts';
import { MemoryLedgerStore } from '../../../services/ledger/adapters/memory-ledger-store.ts';
import {
  captureDraft,
  damagesIn,
  holdDraft,
  newLedger,
  randomFrom,
  readDraft,
  sampleDigest,
} from '../../sample-ledger.ts';
import { TcpProxy } from '../../tcp-proxy.ts';

const secret = 'a secret of the processes';
const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).toReversed()) await each[Symbol.asyncDispose]();
});

function closing<Resource extends AsyncDisposable>(resource: Resource): Resource {
  opened.push(resource);
  return resource;
}

type Options = Awaited<ReturnType<typeof newLedger>>['options'];

async function committerOf(options: Options, name = 'committer', lingerMs = 0) {
  const ledger = closing(await Ledger.open({ ...options, lingerMs, random: randomFrom(name) }));
  return closing(await CommitterServer.start({ ledger, secret }));
}

function handOverTo(address: () => string | undefined, rest = { restMs: 0 }): HttpHandOver {
  return closing(new HttpHandOver({ address: async () => address(), secret, ...rest }));
}

async function writerOf(options: Options, handOver: HandOver, name: string): Promise<Ledger> {
  return closing(await Ledger.open({ ...options, handOver, random: randomFrom(name) }));
}

/** Opened without the key. */
async function workerOf(
  { clock, retry, store }: Options,
  handOver: HandOver,
  patienceMs = 60_000,
  name = 'worker',
): Promise<Ledger> {
  const keyless: LedgerOptions = { clock, retry, store, handOver, patienceMs, random: randomFrom(name) };
  return closing(await Ledger.open(keyless));
}

/** The sighting of every capture, and that the store is whole. */
async function sightingsIn(store: LedgerStore, options: Options): Promise<string[]> {
  expect((await damagesIn(store)).found).toEqual([]);
  const ledger = await Ledger.open(options);
  const sightings: string[] = [];
  for await (const batch of ledger.read(0)) {
    for (const entry of batch.entries) if (entry.kind === 'capture') sightings.push(entry.sighting);
  }
  return sightings.sort();
}

const expected = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => {
    const draft = captureDraft(i);
    return draft.kind === 'capture' ? draft.sighting : '';
  }).sort();

function sequencesOf(outcome: AppendOutcome): readonly number[] {
  return outcome.outcome === 'appended' ? outcome.sequences : [];
}

describe('a committer', () => {
  test('commits what other processes hand over; their heads and what they read are as after a commit of their own', async () => {
    const { options, store } = await newLedger();
    const server = await committerOf(options);
    const one = await writerOf(
      options,
      handOverTo(() => server.address),
      'one',
    );
    const two = await writerOf(
      options,
      handOverTo(() => server.address),
      'two',
    );
    const seen: number[] = [];
    one.onCommitted(({ size }) => seen.push(size));
    expect(await one.append([captureDraft(0), captureDraft(1)])).toEqual({ outcome: 'appended', sequences: [1, 2] });
    expect(await two.append([readDraft(1)])).toEqual({ outcome: 'appended', sequences: [3] });
    expect([one.head.size, two.head.size, seen]).toEqual([3, 4, [3]]);
    expect((await one.refresh()).root).toBe(two.head.root);
    expect(await sightingsIn(store, options)).toEqual(expected(2));
  });

  test('makes one batch of the calls that arrive within its linger', async () => {
    const { options, store } = await newLedger();
    const server = await committerOf(options, 'lingering', 20);
    const writers = await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        writerOf(
          options,
          handOverTo(() => server.address),
          name,
        ),
      ),
    );
    await Promise.all(Array.from({ length: 300 }, async (_, i) => writers[i % 3]?.append([captureDraft(i)])));
    expect(await sightingsIn(store, options)).toEqual(expected(300));
    expect((await damagesIn(store)).summary.batches).toBeLessThan(150);
  });

  test('answers a call that is repeated while it is committed, or later, without writing it twice', async () => {
    const { options, store } = await newLedger();
    const server = await committerOf(options);
    const repeating: HandOver = {
      append: async (call) => {
        const line = handOverTo(() => server.address);
        const answers = await Promise.all([line.append(call), line.append(call)]);
        expect(await line.append(call)).toEqual(answers[0]);
        // As by a committer that has forgotten the call's id, but not what lies in the ledger.
        expect(await line.append({ ...call, id: 'f'.repeat(32) })).toEqual(answers[1]);
        return answers[0];
      },
      [Symbol.asyncDispose]: async () => undefined,
    };
    const writer = await writerOf(options, repeating, 'writer');
    expect(sequencesOf(await writer.append([captureDraft(0), captureDraft(1)]))).toEqual([1, 2]);
    expect(await sightingsIn(store, options)).toEqual(expected(2));
  });

  test('two calls that say the same are two: a document that is read twice at once is recorded twice', async () => {
    const { options } = await newLedger();
    const server = await committerOf(options);
    const names = ['one', 'two', 'three'];
    const writers = await Promise.all(
      names.map((name) =>
        writerOf(
          options,
          handOverTo(() => server.address),
          name,
        ),
      ),
    );
    const outcomes = await Promise.all(writers.map((writer) => writer.append([readDraft(0)])));
    expect(new Set(outcomes.flatMap(sequencesOf))).toEqual(new Set([1, 2, 3]));
  });

  test('returns a call that is stale, and its caller then knows what is newer', async () => {
    const { ledger, options } = await newLedger();
    const server = await committerOf(options);
    const writer = await writerOf(
      options,
      handOverTo(() => server.address),
      'writer',
    );
    const hold = sequencesOf(await ledger.append([holdDraft('hold-1')]));
    expect(writer.head.policy).toBe(0);
    expect(await writer.append([captureDraft(0)], { policy: 0 })).toEqual({ outcome: 'stale', policy: hold[0] });
    expect(writer.head.policy).toBe(hold[0]);
    expect(await writer.append([captureDraft(0)], { size: 1 })).toMatchObject({ outcome: 'stale' });
    expect(await writer.append([captureDraft(0)], { size: 2, policy: 1 })).toMatchObject({ outcome: 'appended' });
    const about = sampleDigest(0);
    expect(await writer.append([readDraft(0)], { size: 2, about })).toMatchObject({ outcome: 'stale' });
    await ledger.append([captureDraft(2)]);
    expect(await writer.append([readDraft(0)], { size: 3, about })).toMatchObject({ outcome: 'appended' });
  });

  test('refuses for good what no committer would take', async () => {
    const { options } = await newLedger();
    const server = await committerOf(options);
    const writer = await writerOf(
      options,
      handOverTo(() => server.address),
      'writer',
    );
    const long = { ...holdDraft('hold-1'), reviewers: ['x'] };
    await expect(writer.append([long])).rejects.toMatchObject({ code: 'invalid-entry' });
    const many = Array.from({ length: 4097 }, (_, i) => captureDraft(i));
    await expect(writer.append(many)).rejects.toMatchObject({ code: 'too-large' });
    expect(writer.head.size).toBe(1);
  });
});

describe('without a committer', () => {
  test('a process that has the key commits by itself', async () => {
    const { options, store } = await newLedger();
    const none = await writerOf(
      options,
      handOverTo(() => undefined),
      'none',
    );
    const refused = await writerOf(
      options,
      handOverTo(() => 'http://127.0.0.1:1'),
      'refused',
    );
    expect(await none.append([captureDraft(0)])).toMatchObject({ outcome: 'appended' });
    expect(await refused.append([captureDraft(1)])).toMatchObject({ outcome: 'appended' });
    expect(await sightingsIn(store, options)).toEqual(expected(2));
  });

  test('a process without the key waits for one, and says so when its patience ends', async () => {
    const { options, store } = await newLedger();
    let address: string | undefined;
    const handOver = handOverTo(() => address);
    const impatient = await workerOf(options, handOver, 0);
    await expect(impatient.append([captureDraft(0)])).rejects.toMatchObject({ code: 'store-unavailable' });
    const worker = await workerOf(options, handOver);
    const appended = worker.append([captureDraft(0)]);
    address = (await committerOf(options)).address;
    expect(await appended).toEqual({ outcome: 'appended', sequences: [1] });
    await expect(worker.rotateKey(options.signer, { actor: 'cli' })).rejects.toMatchObject({ code: 'read-only' });
    expect(await sightingsIn(store, options)).toEqual(expected(1));
  });

  test('a process with another secret is not let in', async () => {
    const { options } = await newLedger();
    const { address } = await committerOf(options);
    const handOver = closing(new HttpHandOver({ address: async () => address, secret: 'another secret, wrong' }));
    const worker = await workerOf(options, handOver, 0);
    await expect(worker.append([captureDraft(0)])).rejects.toMatchObject({ code: 'store-unavailable' });
    expect((await worker.refresh()).size).toBe(1);
    const weak = { address: async () => address, secret: 'short' };
    expect(() => new HttpHandOver(weak)).toThrow(expect.objectContaining({ code: 'weak-secret' }));
  });

  test.each([
    { who: 'has another ledger', seed: 'elsewhere', outcome: { outcome: 'appended', sequences: [2] } },
    { who: 'has the key, and forks the ledger', seed: 'ledger', outcome: { code: 'inconsistent-history' } },
  ])('a committer that $who is not believed', async ({ outcome, seed }) => {
    const { options, store } = await newLedger();
    const ledger = closing(await Ledger.open({ ...options, random: randomFrom('liar') }));
    const elsewhere = await newLedger(new MemoryLedgerStore(), seed);
    await elsewhere.ledger.append([captureDraft(1)]);
    const lying: HandOver = {
      append: async () => ({
        outcome: await ledger.append([captureDraft(0)]),
        batches: elsewhere.ledger.recentBatches(1, 1_000_000),
      }),
      [Symbol.asyncDispose]: async () => undefined,
    };
    const writer = await writerOf(options, lying, 'writer');
    expect(await writer.append([captureDraft(1)]).catch((fault: unknown) => fault)).toMatchObject(outcome);
    expect(await sightingsIn(store, options)).toEqual(expected((await ledger.refresh()).size - 1));
  });
});

type Fate = 'answered' | 'lost' | 'late' | 'refused';

/** A line on which answers get lost, and on which calls arrive after their caller has given up. */
class UnreliableHandOver implements HandOver {
  readonly #line: HandOver;
  readonly #fate: () => Fate;
  readonly #late = new Set<Promise<unknown>>();

  constructor(line: HandOver, fate: () => Fate) {
    this.#line = line;
    this.#fate = fate;
  }

  async append(call: HandedCall): Promise<HandedAnswer> {
    const fate = this.#fate();
    if (fate === 'answered') return await this.#line.append(call);
    if (fate === 'lost') await this.#line.append(call).catch(() => undefined);
    if (fate === 'late') {
      const late = new Promise((resolve) => setImmediate(resolve)).then(() => this.#line.append(call));
      this.#late.add(late.catch(() => undefined));
    }
    throw new LedgerFault('committer-unreachable', 'the line is down', { remedy: 'Try again.' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#late);
  }
}

/** A number below 1 that depends on the seed alone. */
function chances(seed: number): () => number {
  const random = randomFrom(`chances ${seed}`);
  return () => random(4).readUInt32LE() / 2 ** 32;
}

describe('invariant 8: nothing is lost and nothing is written twice', () => {
  test.each([1, 2, 3])(
    'by 8 writers, two committers and a line that loses (seed %i)',
    async (seed) => {
      const { options, store } = await newLedger();
      const servers = [await committerOf(options, `first ${seed}`), await committerOf(options, `second ${seed}`)];
      const chance = chances(seed);
      const fate = (): Fate =>
        chance() < 0.6 ? 'answered' : ((['lost', 'late', 'refused'] as const)[Math.floor(chance() * 3)] ?? 'lost');
      const handOver = handOverTo(() => servers[chance() < 0.5 ? 0 : 1]?.address);
      const line = new UnreliableHandOver(handOver, fate);
      const entries = 1200;
      const perCall = 5;
      const appended: number[] = [];
      await Promise.all(
        Array.from({ length: 8 }, async (_, i) => {
          const writer =
            i < 6
              ? await writerOf(options, line, `writer ${seed} ${i}`)
              : await workerOf(options, line, 60_000, `worker ${i}`);
          for (let at = i * perCall; at < entries; at += 8 * perCall) {
            const drafts = Array.from({ length: perCall }, (_entry, k) => captureDraft(at + k));
            appended.push(...sequencesOf(await writer.append(drafts)));
          }
        }),
      );
      await line[Symbol.asyncDispose]();
      expect(new Set(appended).size).toBe(entries);
      expect(await sightingsIn(store, options)).toEqual(expected(entries));
    },
    120_000,
  );

  test('when connections are cut after the request was sent', async () => {
    const { options, store } = await newLedger();
    const { address } = await committerOf(options);
    await using proxy = await TcpProxy.to(Number(new URL(address).port));
    const chance = chances(4);
    proxy.loses = () => chance() < 0.3;
    const handOver = handOverTo(() => `http://127.0.0.1:${proxy.port}`);
    const writers = await Promise.all(Array.from({ length: 8 }, (_, i) => writerOf(options, handOver, `cut ${i}`)));
    await Promise.all(
      writers.map(async (writer, i) => {
        for (let at = i; at < 400; at += 8) await writer.append([captureDraft(at)]);
      }),
    );
    expect(proxy.connections).toBeGreaterThan(50);
    expect(await sightingsIn(store, options)).toEqual(expected(400));
  });
});
