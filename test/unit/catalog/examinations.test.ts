import { describe, expect, test } from '@jest/globals';
import { type Catalog, type LockKeeper, wormStanding } from '#catalog';
import { examinedDraft, soundProbes, unsoundProbes } from '../../sample-ledger.ts';
import { capture, type Draft, foldedFrom, foldInto, timeAt } from './entries.ts';

const day = 86_400_000;
const governance: LockKeeper = 'object-lock-governance';

const sound = (examinedAt = timeAt(0)) => examinedDraft('sound', soundProbes, { examinedAt });
const unsound = examinedDraft('unsound', unsoundProbes);
const undecided = examinedDraft('undecided', { 'delete-version': 'undecided' });
const restored: Draft = { kind: 'epoch', actor: 'cli', number: 1, origin: 'o', publicKey: 'k', aside: {} };

function standing(catalog: Catalog, { asOf, lock = governance, now = timeAt(0) }: Asked = {}) {
  return wormStanding(lock, catalog.examinations.last(asOf), now);
}

interface Asked {
  readonly asOf?: number;
  readonly lock?: LockKeeper;
  readonly now?: number;
}

describe('whether storage may be called write-once (invariant 16)', () => {
  test('nobody has tried', async () => {
    using catalog = await foldedFrom([capture('a', 1)]);
    expect(standing(catalog)).toEqual({
      worm: 'never-examined',
      lock: governance,
      since: null,
      proven: null,
      failed: [],
    });
  });

  test('a failed probe withdraws it, a later sound examination restores it, and each says since when', async () => {
    using catalog = await foldedFrom([capture('a', 1), sound(), sound(), unsound, unsound, sound()]);
    const seen = [0, 1, 2, 3, 4, 5].map((asOf) => standing(catalog, { asOf }));
    expect(seen.map(({ worm, since }) => [worm, since])).toEqual([
      ['never-examined', null],
      ['sound', 1],
      ['sound', 1],
      ['withdrawn', 3],
      ['withdrawn', 3],
      ['sound', 5],
    ]);
    expect(seen.map(({ failed }) => failed.length)).toEqual([0, 0, 0, 1, 1, 0]);
    expect(seen[4]?.failed).toEqual([{ probe: 'delete-version', answer: 'delete-version failed here' }]);
  });

  test('an examination that decides nothing leaves it as it was', async () => {
    using catalog = await foldedFrom([undecided, sound(), undecided, unsound, undecided]);
    expect([0, 2, 4].map((asOf) => standing(catalog, { asOf }).worm)).toEqual(['never-examined', 'sound', 'withdrawn']);
    expect(standing(catalog).since).toBe(3);
    expect(catalog.examinations.last()?.verdict).toBe('undecided');
  });

  test('a proof lapses after two days, and a clock that was ahead does not make it last longer', async () => {
    using catalog = await foldedFrom([sound()]);
    expect(standing(catalog, { now: timeAt(0) + 2 * day }).worm).toBe('sound');
    expect(standing(catalog, { now: timeAt(0) + 2 * day + 1 })).toMatchObject({ worm: 'lapsed', proven: timeAt(0) });
    expect(standing(catalog, { now: timeAt(0) - 2 * day - 1 }).worm).toBe('lapsed');
    await foldInto(catalog, [sound(timeAt(0) + 365 * day)]);
    expect(standing(catalog, { now: timeAt(1) + 2 * day + 1 }).worm).toBe('lapsed');
  });

  test('a failure does not lapse', async () => {
    using catalog = await foldedFrom([unsound]);
    expect(standing(catalog, { now: timeAt(0) + 365 * day }).worm).toBe('withdrawn');
  });

  test('what was found of one lock, or of one place, says nothing of another', async () => {
    using catalog = await foldedFrom([sound()]);
    expect(standing(catalog, { lock: 'application' }).worm).toBe('none');
    expect(standing(catalog, { lock: 'object-lock-compliance' }).worm).toBe('never-examined');
    await foldInto(catalog, [restored]);
    expect(standing(catalog).worm).toBe('never-examined');
    expect(standing(catalog, { asOf: 0 }).worm).toBe('sound');
    await foldInto(catalog, [sound()]);
    expect(standing(catalog)).toMatchObject({ worm: 'sound', since: 2 });
    expect(catalog.examinations.all()).toHaveLength(2);
  });

  test('goes on without the lines that were erased', async () => {
    using catalog = await foldedFrom([{ ...unsound, aside: 'erased' }]);
    expect(standing(catalog).failed).toEqual([{ probe: 'delete-version', answer: '' }]);
  });
});
