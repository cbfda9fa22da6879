import { afterAll, describe, expect, test } from '@jest/globals';
import { type CaptureOutcome, ParsingPool, type ReadMessage } from '#ingest';
import { Fault } from '#kernel';
import type { Gate } from '../crashing-stores.ts';
import { GatedArchive, MemoryMedium } from '../gated-archive.ts';
import { Crossing, drawnChoice, EveryChoice } from '../interleavings.ts';
import { seeds } from '../soak.ts';
import { letter } from '../whole-archive.ts';

/** Knows whether a thread is reading, which is no call of a store. */
class WatchedPool extends ParsingPool {
  reading = 0;

  override async read(items: Parameters<ParsingPool['read']>[0]): Promise<ReadMessage[]> {
    this.reading += 1;
    try {
      return await super.read(items);
    } finally {
      this.reading -= 1;
    }
  }
}

const pool = new WatchedPool(1);
afterAll(() => pool[Symbol.asyncDispose]());

const harbour = letter(1);
/** Whether the works meet in one process, or each in a process of its own on the same stores. */
type Processes = 'one process' | 'two processes';
type Work = (archive: GatedArchive) => Promise<unknown>;

const show = (custodian: string) => (archive: GatedArchive) =>
  archive.capture([{ bytes: harbour, custodian, path: `${custodian}/one.eml` }]);
const dispose = (archive: GatedArchive) => archive.dispose(harbour);
const place = (query: string) => (archive: GatedArchive) => archive.place(query);
const releaseFirst = (archive: GatedArchive) => {
  const [first] = archive.holds.list();
  return archive.holds.release(first?.hold.id ?? '', 'settled', 'cli');
};

interface Ended {
  readonly archive: GatedArchive;
  /** What each work answered: its value, or the code of its fault. */
  readonly answers: readonly unknown[];
  readonly flag: boolean | undefined;
  readonly holds: readonly string[];
}

/**
 * Runs the two works in every order of their calls of the stores, as far as time allows: all of them in the soak, else the
 * first ones and as many drawn ones. Returns how many were gone through in turn.
 */
async function inEveryOrder(
  processes: Processes,
  prepare: readonly Work[],
  works: readonly Work[],
  check: (ended: Ended) => unknown,
) {
  const runsMax = seeds(12, 1_000);
  const every = new EveryChoice();
  do await check(await cross(processes, prepare, works, every.choose));
  while (every.next() && every.runs < runsMax);
  if (every.runs < runsMax) return every.runs;
  for (let seed = 1; seed <= runsMax; seed++) await check(await cross(processes, prepare, works, drawnChoice(seed)));
  return every.runs;
}

async function cross(
  processes: Processes,
  prepare: readonly Work[],
  works: readonly Work[],
  choose: (options: number) => number,
): Promise<Ended> {
  await using medium = new MemoryMedium();
  const crossing = new Crossing();
  let isCrossing = false;
  const gate: Gate = (call, moment) => (isCrossing ? crossing.gate(call, moment) : undefined);
  const archive = await GatedArchive.open(medium, pool, gate);
  await archive.matter();
  for (const work of prepare) await work(archive);
  const other = processes === 'one process' ? archive : await GatedArchive.open(medium, pool, gate);
  isCrossing = true;
  const settled = await crossing.run(
    works.map((work, at) => () => work(at === 0 ? archive : other)),
    choose,
    () => pool.reading > 0,
  );
  isCrossing = false;
  await archive.recorder.catchUp();
  expect(await archive.findings()).toEqual([]);
  expect(archive.catalog.holds.unswept()).toEqual([]);
  const message = archive.message(harbour);
  const flag = message && (await archive.archive.stat(message))?.lock.legalHold;
  const holds = message ? archive.catalog.holds.onMessage(message.sequence).map(({ query }) => query) : [];
  return { archive, answers: settled.map(answerOf), flag, holds };
}

function answerOf(settled: PromiseSettledResult<unknown>): unknown {
  if (settled.status === 'fulfilled') return settled.value;
  if (settled.reason instanceof Fault) return settled.reason.code;
  throw settled.reason;
}

describe.each<Processes>(['one process', 'two processes'])(
  'in every order in which two orders can meet in %s (invariants 13, 14)',
  (processes) => {
    test('a message is disposed of before a hold, or held', async () => {
      const runs = await inEveryOrder(
        processes,
        [show('ada')],
        [dispose, place('harbour')],
        ({ archive, answers, flag, holds }) => {
          const wasDisposed = answers[0] !== 'held';
          expect(archive.message(harbour)?.state).toBe(wasDisposed ? 'disposed' : 'archived');
          expect([flag, holds]).toEqual(wasDisposed ? [undefined, []] : [true, ['harbour']]);
        },
      );
      expect(runs).toBeGreaterThan(5);
    });

    test("a message is disposed of before a held person's copy arrives, which then is kept, or not at all", async () => {
      const prepare = [show('ada'), place('custodian:ben')];
      const runs = await inEveryOrder(
        processes,
        prepare,
        [dispose, show('ben')],
        async ({ archive, answers, flag, holds }) => {
          const wasDisposed = answers[0] !== 'held';
          const outcome: CaptureOutcome = wasDisposed ? 'captured' : 'sighted';
          expect(answers[1]).toEqual([outcome]);
          expect(archive.message(harbour)).toMatchObject({ state: 'archived', generation: wasDisposed ? 2 : 1 });
          expect([flag, holds]).toEqual([true, ['custodian:ben']]);
          // Where storage refused because the copy's flag was on the bytes for a moment, the order is carried out later.
          await archive.disposition.finish();
          expect(archive.catalog.dispositions.unfinished()).toEqual([]);
        },
      );
      expect(runs).toBeGreaterThan(1);
    });

    test('a message is disposed of after its release, or refused and disposed of later', async () => {
      await inEveryOrder(
        processes,
        [show('ada'), place('harbour')],
        [releaseFirst, dispose],
        async ({ archive, answers, flag }) => {
          if (answers[1] !== 'held') return expect(archive.message(harbour)?.state).toBe('disposed');
          expect(flag).toBe(false);
          await dispose(archive);
          expect(archive.message(harbour)?.state).toBe('disposed');
        },
      );
    });

    test('a hold placed while a capture is in flight still covers it', async () => {
      const runs = await inEveryOrder(processes, [], [show('ada'), place('harbour')], ({ answers, flag, holds }) => {
        expect(answers[0]).toEqual(['captured']);
        expect([flag, holds]).toEqual([true, ['harbour']]);
      });
      expect(runs).toBeGreaterThan(5);
    });

    test('a hold released while a capture is in flight leaves no flag behind', async () => {
      await inEveryOrder(processes, [place('harbour')], [show('ada'), releaseFirst], ({ flag, holds }) => {
        expect([flag, holds]).toEqual([false, []]);
      });
    });

    test('a release lifts no flag that another hold is just setting', async () => {
      const works = [releaseFirst, place('letter')];
      const runs = await inEveryOrder(processes, [show('ada'), place('harbour')], works, ({ flag, holds }) => {
        expect([flag, holds]).toEqual([true, ['letter']]);
      });
      expect(runs).toBeGreaterThan(5);
    });

    test("a release lifts no flag that an arriving copy's hold is just setting", async () => {
      const prepare = [show('ada'), place('harbour'), place('custodian:ben')];
      await inEveryOrder(processes, prepare, [releaseFirst, show('ben')], ({ flag, holds }) => {
        expect([flag, holds]).toEqual([true, ['custodian:ben']]);
      });
    });

    test('a schedule set while a message is being disposed of covers it, or comes too late', async () => {
      const retain: Work = (archive) => archive.retention.setDefault('1y', 'cli');
      await inEveryOrder(processes, [show('ada')], [retain, dispose], ({ archive, answers }) => {
        expect(archive.message(harbour)?.state).toBe(answers[1] === 'retained' ? 'archived' : 'disposed');
      });
    });

    test('bytes that are shown twice at once are captured once, and both places are remembered (invariants 7, 8)', async () => {
      const works = [show('ada'), show('ben')];
      await inEveryOrder(processes, [place('custodian:ben')], works, async ({ archive, answers, flag, holds }) => {
        expect(new Set(answers.flat())).toEqual(new Set(['captured', 'sighted']));
        expect(archive.catalog.sightings.count()).toBe(2);
        expect([flag, holds]).toEqual([true, ['custodian:ben']]);
      });
    });

    test('a place that is shown twice at once is recorded once (invariant 8)', async () => {
      await inEveryOrder(processes, [], [show('ada'), show('ada')], async ({ archive }) => {
        expect(archive.catalog.sightings.count()).toBe(1);
        expect(archive.catalog.messages.totals().messages).toBe(1);
      });
    });

    test('two orders to dispose of one message leave one certificate', async () => {
      await inEveryOrder(processes, [show('ada')], [dispose, dispose], async ({ archive, answers }) => {
        // Whoever finds an order that is being carried out helps, and is answered with its certificate too.
        expect(answers).toContain(undefined);
        expect([undefined, 'already-disposed']).toEqual(expect.arrayContaining([...answers]));
        expect((await archive.entries()).filter(({ kind }) => kind === 'disposed')).toHaveLength(1);
      });
    });
  },
);

test('bytes that another process disposes of between their judging and their storing come back as a new generation', async () => {
  await using medium = new MemoryMedium();
  const one = await GatedArchive.open(medium, pool);
  await one.matter();
  await show('ada')(one);
  let disposal: Promise<unknown> | undefined;
  const other = await GatedArchive.open(medium, pool, async (call, moment) => {
    if (call === 'archive.putAll' && moment === 'before') await (disposal ??= dispose(one));
  });
  expect(await show('ben')(other)).toEqual(['captured']);
  expect(other.message(harbour)).toMatchObject({ state: 'archived', generation: 2 });
  expect(await other.findings()).toEqual([]);
});
