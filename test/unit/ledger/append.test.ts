import { describe, expect, test } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import { asSequence } from '#kernel';
import { type Entry, type EntryDraft, Ledger } from '#ledger';
import { MemoryLedgerStore } from '../../../services/ledger/adapters/memory-ledger-store.ts';
import {
  captureDraft,
  damagesIn,
  holdDraft,
  newLedger,
  readDraft,
  sampleDigest,
  signerNamed,
  startTime,
} from '../../sample-ledger.ts';

async function entriesOf(ledger: Ledger): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const batch of ledger.read(0)) entries.push(...batch.entries);
  return entries;
}

const many = (count: number) => Array.from({ length: count }, (_, i) => readDraft(i));
const big = (hold: string) => ({ ...holdDraft(hold), aside: { query: 'x'.repeat(3_000_000), reason: '' } });

describe('append', () => {
  test('a new ledger begins with epoch 0, its key, its origin and a salt', async () => {
    const { ledger, signer } = await newLedger();
    expect(ledger.head).toMatchObject({ size: 1, policy: 0, epoch: 0, publicKey: signer.publicKey });
    expect(await ledger.entry(0)).toMatchObject({ kind: 'epoch', number: 0, origin: 'archive.example/ledger' });
    expect(Buffer.from(await ledger.sightingSalt(), 'base64')).toHaveLength(32);
  });

  test('entries come back as they were given, from memory and from the store', async () => {
    const { ledger, options } = await newLedger();
    expect(await ledger.append([captureDraft(1), readDraft(1)])).toEqual({ outcome: 'appended', sequences: [1, 2] });
    const fresh = await Ledger.open(options);
    for (const each of [ledger, fresh]) {
      expect(await each.entry(1)).toEqual({ ...captureDraft(1), v: 1, time: startTime, sequence: 1 });
      expect(await each.entry(2)).toEqual({ ...readDraft(1), v: 1, time: startTime, sequence: 2 });
    }
    expect(fresh.head).toEqual(ledger.head);
  });

  test('calls that arrive while a batch is being written share the next one, each call undivided', async () => {
    const { ledger, store } = await newLedger();
    const calls = Array.from({ length: 50 }, (_, i) => [captureDraft(2 * i), captureDraft(2 * i + 1)]);
    const outcomes = await Promise.all(calls.map((drafts) => ledger.append(drafts)));
    expect(outcomes).toEqual(calls.map((_, i) => ({ outcome: 'appended', sequences: [2 * i + 1, 2 * i + 2] })));
    let batches = 0;
    for await (const _ of store.list(asSequence(0))) batches++;
    expect(batches).toBeLessThanOrEqual(3);
  });

  test('a batch holds at most 4,096 entries; a call that fits into none is refused alone', async () => {
    const { ledger } = await newLedger();
    const [a, b, tooMany, c] = await Promise.allSettled([
      ledger.append(many(4000)),
      ledger.append(many(97)),
      ledger.append(many(4097)),
      ledger.append(many(1)),
    ]);
    expect([a, b, c].map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    expect(tooMany).toMatchObject({ status: 'rejected', reason: { code: 'too-large' } });
    const sizes: number[] = [];
    for await (const batch of ledger.read(0)) sizes.push(batch.entries.length);
    expect(Math.max(...sizes)).toBe(4000);
    expect(ledger.head.size).toBe(1 + 4000 + 97 + 1);
  });

  test('a batch holds at most 8 MB; what does not fit follows in the next, nothing twice', async () => {
    const { ledger, store } = await newLedger();
    const outcomes = await Promise.all(
      ['hold-1', 'hold-2', 'hold-3', 'hold-4'].map((hold) => ledger.append([big(hold)])),
    );
    expect(outcomes.flatMap((outcome) => (outcome.outcome === 'appended' ? outcome.sequences : []))).toEqual([
      1, 2, 3, 4,
    ]);
    expect((await damagesIn(store)).summary).toMatchObject({ size: 5, batches: 3 });
    await expect(
      ledger.append([{ ...holdDraft('hold-5'), aside: { query: 'x'.repeat(9_000_000), reason: '' } }]),
    ).rejects.toMatchObject({ code: 'too-large' });
  });

  test('an entry of more than 65,535 bytes is refused, and its neighbours are not', async () => {
    const { ledger } = await newLedger();
    const captures = Array.from({ length: 20_000 }, (_, i) => asSequence(i));
    const refused = ledger.append([{ ...readDraft(0), captures } as ReturnType<typeof readDraft>]);
    const kept = ledger.append([readDraft(1)]);
    await expect(refused).rejects.toMatchObject({ code: 'too-large' });
    expect(await kept).toMatchObject({ outcome: 'appended', sequences: [1] });
  });

  test('what could not be read back is not written', async () => {
    const { ledger } = await newLedger();
    const draft = { ...captureDraft(1), source: 'Not An Opaque Id' } as ReturnType<typeof captureDraft>;
    await expect(ledger.append([draft])).rejects.toMatchObject({ code: 'invalid-entry', facts: { where: 'source' } });
    expect(ledger.head.size).toBe(1);
  });

  test('time never goes back, even when the clock does', async () => {
    const { ledger, clock } = await newLedger();
    clock.advance(5000);
    await ledger.append([readDraft(1)]);
    clock.advance(-60_000);
    await ledger.append([readDraft(2)]);
    expect((await entriesOf(ledger)).map(({ time }) => time - startTime)).toEqual([0, 5000, 5000]);
  });

  test('asides of any text survive: line ends, NUL, lone surrogates', async () => {
    const { ledger, options, store } = await newLedger();
    const query = 'a\nb\r\0\u2028 \ud800 "\\ é 漢';
    await ledger.append([{ kind: 'hold-placed', actor: 'cli', hold: 'h', matter: 'm', aside: { query, reason: '' } }]);
    expect(await (await Ledger.open(options)).entry(1)).toMatchObject({ aside: { query } });
    expect((await damagesIn(store)).found).toEqual([]);
  });
});

describe('invariant 13: what was judged before a newer policy entry is not written', () => {
  test('an append judged by an older policy comes back stale, and says by which entry', async () => {
    const { ledger } = await newLedger();
    await ledger.append([holdDraft('hold-1')]);
    expect(await ledger.append([captureDraft(1)], { policy: 0 })).toEqual({ outcome: 'stale', policy: 1 });
    expect(ledger.head.size).toBe(2);
    expect(await ledger.append([captureDraft(1)], { policy: 1 })).toMatchObject({ outcome: 'appended' });
  });

  test('a policy entry earlier in the same batch counts; one later does not; a call is not stale by its own', async () => {
    const { ledger } = await newLedger();
    const outcomes = await Promise.all([
      ledger.append([captureDraft(1)], { policy: 0 }),
      ledger.append([captureDraft(2), holdDraft('hold-1'), captureDraft(3)], { policy: 0 }),
      ledger.append([captureDraft(4)], { policy: 0 }),
      ledger.append([readDraft(1)]),
    ]);
    expect(outcomes).toEqual([
      { outcome: 'appended', sequences: [1] },
      { outcome: 'appended', sequences: [2, 3, 4] },
      { outcome: 'stale', policy: 3 },
      { outcome: 'appended', sequences: [5] },
    ]);
    expect(ledger.head.policy).toBe(3);
  });

  test('an append judged by all entries comes back when any entry is newer, also one before it in the same batch', async () => {
    const { ledger } = await newLedger();
    const [first, second] = await Promise.all([
      ledger.append([captureDraft(1)]),
      ledger.append([readDraft(1)], { size: 1 }),
    ]);
    expect(first).toEqual({ outcome: 'appended', sequences: [1] });
    expect(second).toEqual({ outcome: 'stale', policy: 0 });
    expect(await ledger.append([readDraft(1)], { size: 2 })).toEqual({ outcome: 'appended', sequences: [2] });
  });

  describe('an append judged about one message', () => {
    const about = sampleDigest(1);
    const judged = { size: 1, about };

    test('is written although entries about other messages are newer', async () => {
      const { ledger } = await newLedger();
      await ledger.append([captureDraft(2), captureDraft(3)]);
      const [, second] = await Promise.all([ledger.append([captureDraft(4)]), ledger.append([readDraft(1)], judged)]);
      expect(second).toEqual({ outcome: 'appended', sequences: [4] });
    });

    test.each<[string, EntryDraft]>([
      ['it', captureDraft(1)],
      ['policy', holdDraft('hold-1')],
      ['messages by their sequences', { kind: 'hold-applied', hold: 'hold-1', captures: [], count: 0, aside: {} }],
    ])('comes back when an entry about %s is newer, also one before it in the same batch', async (_what, newer) => {
      const { ledger } = await newLedger();
      const [first, second] = await Promise.all([ledger.append([newer]), ledger.append([readDraft(1)], judged)]);
      expect(first).toEqual({ outcome: 'appended', sequences: [1] });
      expect(second).toMatchObject({ outcome: 'stale' });
      expect(await ledger.append([readDraft(1)], judged)).toMatchObject({ outcome: 'stale' });
    });

    test('comes back when what is newer is not in memory any more', async () => {
      const { options } = await newLedger();
      const before = await Ledger.open(options);
      await before.append([captureDraft(2)]);
      const ledger = await Ledger.open(options);
      expect(await ledger.append([readDraft(1)], judged)).toMatchObject({ outcome: 'stale' });
      expect(await ledger.append([readDraft(1)], { size: 2, about })).toMatchObject({ outcome: 'appended' });
    });
  });

  test("another writer's policy entry, not yet known here, makes the append stale", async () => {
    const { ledger, options } = await newLedger();
    const other = await Ledger.open(options);
    await other.append([holdDraft('hold-1')]);
    expect(ledger.head.size).toBe(1);
    expect(await ledger.append([captureDraft(1)], { policy: 0 })).toEqual({ outcome: 'stale', policy: 1 });
  });
});

describe('opening', () => {
  test('a second ledger is not begun over a first, and none is opened where none is', async () => {
    const { options } = await newLedger();
    await expect(Ledger.create({ ...options, origin: 'x', actor: 'cli' })).rejects.toMatchObject({
      code: 'already-exists',
    });
    const nowhere = Ledger.open({ ...options, store: new MemoryLedgerStore() });
    await expect(nowhere).rejects.toMatchObject({ code: 'no-ledger' });
  });

  test('opening reads a bounded number of batches, however long the ledger is', async () => {
    const { ledger, options, store } = await newLedger();
    for (let i = 0; i < 100; i++) await ledger.append([captureDraft(i)]);
    let reads = 0;
    const read = store.read.bind(store);
    store.read = (first) => {
      reads++;
      return read(first);
    };
    await Ledger.open(options);
    expect(reads).toBeLessThanOrEqual(3);
  });

  test('batches are read ahead, in order; what a listing lacks is read, and a stray within a batch is passed over', async () => {
    const { ledger, options, store } = await newLedger();
    for (let i = 0; i < 100; i++) await ledger.append([captureDraft(2 * i), captureDraft(2 * i + 1)]);
    await store.create(asSequence(40), Buffer.from('a stray'));
    const list = store.list.bind(store);
    store.list = async function* (from) {
      for await (const first of list(from)) if (![7, 9, 199].includes(first)) yield first;
    };
    let [reading, most] = [0, 0];
    const read = store.read.bind(store);
    store.read = async (first) => {
      most = Math.max(most, ++reading);
      await setImmediate();
      reading -= 1;
      return read(first);
    };
    const sequences = (await entriesOf(await Ledger.open(options))).map(({ sequence }) => sequence);
    expect(sequences).toEqual(Array.from({ length: 201 }, (_, i) => i));
    expect(most).toBeGreaterThan(1);
  });

  test('without a signer it can be read and not written', async () => {
    const { store, clock } = await newLedger();
    const reader = await Ledger.open({ store, clock });
    expect((await reader.entry(0)).kind).toBe('epoch');
    await expect(reader.append([readDraft(0)])).rejects.toMatchObject({ code: 'read-only' });
  });

  test("another key is refused, and so is a ledger shorter than what the key's owner signed", async () => {
    const { options, signer } = await newLedger();
    const stranger = signerNamed('stranger');
    await expect(Ledger.open({ ...options, signer: stranger })).rejects.toMatchObject({ code: 'wrong-key' });
    await signer.remember({ size: 5, root: '0'.repeat(64) });
    await expect(Ledger.open(options)).rejects.toMatchObject({ code: 'inconsistent-history' });
  });

  test('entries about keys and epochs are not appended like others; positions that are not there are named', async () => {
    const { ledger, signer } = await newLedger();
    const { publicKey } = signer;
    const rotate = ledger.append([{ kind: 'key-rotated', actor: 'cli', publicKey, aside: {} }]);
    await expect(rotate).rejects.toMatchObject({ code: 'invalid-entry' });
    for (const sequence of [-1, 1, 0.5]) {
      await expect(ledger.entry(sequence)).rejects.toMatchObject({ code: 'not-found' });
    }
  });
});
