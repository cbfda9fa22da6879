import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Catalog, type LockKeeper } from '#catalog';
import { FixedClock } from '#kernel';
import { Ledger } from '#ledger';
import type { LockExamination, Outcome } from '#verification';
import { StorageStanding } from '../../../services/app/storage-standing.ts';
import { archivePlaceOf } from '../../../services/app/store-urls.ts';
import { MemoryLedgerStore } from '../../../services/ledger/adapters/memory-ledger-store.ts';
import { MemoryBlobStore } from '../../../services/archive/adapters/memory-blob-store.ts';
import { type Fate, FaultyLedgerStore } from '../../faulty-ledger-store.ts';
import { newLedger, signerNamed, startTime } from '../../sample-ledger.ts';

const day = 86_400_000;

function examined(verdict: LockExamination['verdict'], outcome: Outcome): LockExamination {
  return { verdict, probes: [{ probe: 'delete-version', outcome }], answers: [`${outcome} here`] };
}

const sound = examined('sound', 'passed');
const unsound = examined('unsound', 'failed');
const undecided = examined('undecided', 'undecided');

/** A process on a ledger that outlives it: its catalog, and what it has found and not recorded, go with it. */
class Process implements AsyncDisposable {
  readonly standing: StorageStanding;
  readonly ledger: Ledger;
  readonly #catalog = Catalog.open(':memory:');

  private constructor(ledger: Ledger, clock: FixedClock, lock: LockKeeper, readOnly: boolean) {
    const archive = { capabilities: { ...new MemoryBlobStore().capabilities, lock } };
    const place = archivePlaceOf('s3://a-bucket?endpoint=http://127.0.0.1:9', 'ARCHIVE_URL');
    const fold = () => this.fold();
    const recorder = { ledger, catalog: this.#catalog, fold, catchUp: fold };
    this.ledger = ledger;
    this.standing = new StorageStanding({ recorder, archive, clock, place, readOnly });
  }

  static async start(
    store: FaultyLedgerStore,
    clock: FixedClock,
    { lock = 'object-lock-governance', readOnly = false }: { lock?: LockKeeper; readOnly?: boolean } = {},
  ): Promise<Process> {
    const retry = { attempts: 1, pauseMs: 0 };
    const ledger = await Ledger.open({ store, clock, retry, signer: signerNamed('first key') });
    const here = new Process(ledger, clock, lock, readOnly);
    await here.fold();
    return here;
  }

  async fold(): Promise<void> {
    await this.ledger.refresh();
    for await (const batch of this.ledger.read(this.#catalog.position())) await this.#catalog.apply(batch);
  }

  /** Verdicts in the ledger. */
  get recorded(): string[] {
    return this.#catalog.examinations.all().map(({ verdict }) => verdict);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#catalog[Symbol.dispose]();
    await this.ledger[Symbol.asyncDispose]();
  }
}

let clock: FixedClock;
let store: FaultyLedgerStore;
let fate: Fate;
let here: Process;

beforeEach(async () => {
  clock = new FixedClock(startTime);
  fate = 'answered';
  store = new FaultyLedgerStore(new MemoryLedgerStore(), (method) => (method === 'create' ? fate : 'answered'));
  await newLedger(store);
  here = await Process.start(store, clock);
});

afterEach(() => here[Symbol.asyncDispose]());

describe('what examinations leave in the ledger', () => {
  test('the first one, each that says something else, and one a day', async () => {
    const { standing } = here;
    for (const examination of [sound, sound, unsound, unsound, sound]) await standing.record(examination, 'scheduler');
    expect(here.recorded).toEqual(['sound', 'unsound', 'sound']);
    clock.advance(day - 1);
    await standing.record(sound, 'scheduler');
    expect(here.recorded).toHaveLength(3);
    clock.advance(1);
    await standing.record(sound, 'scheduler');
    expect(here.recorded).toEqual(['sound', 'unsound', 'sound', 'sound']);
    expect(await here.ledger.entry(1)).toMatchObject({
      actor: 'scheduler',
      examinedAt: startTime,
      program: expect.stringMatching(/^muniment\/\d/u),
      service: 's3-compatible',
      lock: 'object-lock-governance',
      probes: sound.probes,
      aside: { answers: ['passed here'] },
    });
  });

  test('also when the ledger was written by a clock that was ahead', async () => {
    clock.advance(10 * day);
    await here.standing.record(sound, 'scheduler');
    clock.advance(-10 * day);
    expect(here.standing.current.worm).toBe('lapsed');
    await here.standing.record(sound, 'scheduler');
    expect(here.standing.current).toMatchObject({ worm: 'sound', proven: startTime });
    clock.advance(day);
    await here.standing.record(sound, 'scheduler');
    expect(here.recorded).toEqual(['sound', 'sound', 'sound']);
  });

  test('one that decides nothing is recorded once a day, and withdraws nothing', async () => {
    const { standing } = here;
    for (const examination of [sound, undecided, undecided]) await standing.record(examination, 'scheduler');
    expect(here.recorded).toEqual(['sound']);
    clock.advance(day);
    for (const examination of [undecided, undecided]) await standing.record(examination, 'scheduler');
    expect(here.recorded).toEqual(['sound', 'undecided']);
    expect(standing.current.worm).toBe('sound');
  });

  test('nothing where storage has no lock of its own, or the archive was restored and not adopted', async () => {
    await here.standing.record(sound, 'scheduler');
    await using folder = await Process.start(store, clock, { lock: 'application' });
    await using restored = await Process.start(store, clock, { readOnly: true });
    for (const { standing } of [folder, restored]) await standing.record(unsound, 'scheduler');
    expect([folder.standing.current.worm, restored.standing.current.worm]).toEqual(['none', 'never-examined']);
    await here.fold();
    expect(here.recorded).toEqual(['sound']);
  });
});

describe('when the ledger cannot be written to, or the process dies (invariant 16)', () => {
  test('a failure counts at once in the process that found it, and is recorded when the ledger is back', async () => {
    const { standing } = here;
    await standing.record(sound, 'scheduler');
    fate = 'failed';
    await expect(standing.record(unsound, 'scheduler')).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(standing.current).toMatchObject({ worm: 'withdrawn', since: null, failed: [{ answer: 'failed here' }] });
    expect([standing.isBehind, here.recorded]).toEqual([true, ['sound']]);
    fate = 'answered';
    await standing.retry();
    expect([standing.isBehind, here.recorded]).toEqual([false, ['sound', 'unsound']]);
    expect(standing.current).toMatchObject({ worm: 'withdrawn', since: 2 });
  });

  test('a failure that is not recorded yet is not undone by a run that decides nothing, only by a sound one', async () => {
    const { standing } = here;
    fate = 'failed';
    await expect(standing.record(unsound, 'scheduler')).rejects.toThrow();
    await expect(standing.record(undecided, 'cli')).rejects.toThrow();
    expect(standing.current.worm).toBe('withdrawn');
    fate = 'answered';
    await standing.record(sound, 'cli');
    expect(standing.current.worm).toBe('sound');
    expect(here.recorded).toEqual(['sound']);
  });

  test('killed before the entry: the next start finds the last word of the ledger, and examines again', async () => {
    await here.standing.record(sound, 'scheduler');
    fate = 'failed';
    await expect(here.standing.record(unsound, 'scheduler')).rejects.toThrow();
    fate = 'answered';
    await using next = await Process.start(store, clock);
    expect(next.standing.current.worm).toBe('sound');
    await next.standing.record(unsound, 'scheduler');
    expect([next.standing.current.worm, next.recorded]).toEqual(['withdrawn', ['sound', 'unsound']]);
  });

  test('killed after the entry and before its answer: it counts, and is not written twice', async () => {
    await here.standing.record(sound, 'scheduler');
    fate = 'swallowed';
    await expect(here.standing.record(unsound, 'scheduler')).rejects.toThrow();
    fate = 'answered';
    await using next = await Process.start(store, clock);
    expect(next.standing.current).toMatchObject({ worm: 'withdrawn', since: 2 });
    await next.standing.record(unsound, 'scheduler');
    expect(next.recorded).toEqual(['sound', 'unsound']);
  });

  test('an answer that got lost is found when it is tried again', async () => {
    fate = 'swallowed';
    await expect(here.standing.record(unsound, 'scheduler')).rejects.toThrow();
    fate = 'answered';
    await here.standing.retry();
    expect([here.standing.isBehind, here.recorded]).toEqual([false, ['unsound']]);
  });

  test('two processes that examine at once do no harm', async () => {
    await using other = await Process.start(store, clock);
    await Promise.all([here.standing.record(unsound, 'scheduler'), other.standing.record(unsound, 'scheduler')]);
    await Promise.all([here.fold(), other.fold()]);
    expect(here.standing.current).toEqual(other.standing.current);
    expect(here.standing.current.worm).toBe('withdrawn');
  });
});
