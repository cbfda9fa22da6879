import { describe, expect, test } from '@jest/globals';
import { type AppendOutcome, Ledger, type LedgerStore } from '#ledger';
import { MemoryLedgerStore } from '../../../services/ledger/adapters/memory-ledger-store.ts';
import { type Fate, FaultyLedgerStore } from '../../faulty-ledger-store.ts';
import { captureDraft, damagesIn, holdDraft, newLedger, randomFrom } from '../../sample-ledger.ts';

/** The sighting of every capture in the store, and that the store is whole. */
async function sightingsIn(store: LedgerStore, ledger: Ledger): Promise<string[]> {
  expect((await damagesIn(store)).found).toEqual([]);
  await ledger.refresh();
  const sightings: string[] = [];
  for await (const batch of ledger.read(0)) {
    for (const entry of batch.entries) if (entry.kind === 'capture') sightings.push(entry.sighting);
  }
  return sightings;
}

const expected = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => {
    const draft = captureDraft(i);
    return draft.kind === 'capture' ? draft.sighting : '';
  });

/** Numbers below 1 that depend on the seed alone. */
function chances(seed: number): () => number {
  const random = randomFrom(`chances ${seed}`);
  return () => random(4).readUInt32LE() / 2 ** 32;
}

async function untilAnswered(append: () => Promise<AppendOutcome>): Promise<AppendOutcome> {
  for (;;) {
    try {
      return await append();
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: 'store-unavailable' });
    }
  }
}

describe('several writers on one store', () => {
  test('invariant 8: three writers that race lose nothing and duplicate nothing, and agree at the end', async () => {
    const { ledger, options, store } = await newLedger();
    const writers = [ledger, await Ledger.open(options), await Ledger.open(options)];
    const outcomes = await Promise.all(
      Array.from({ length: 150 }, (_, i) => {
        const writer = writers[i % 3] ?? ledger;
        return i < 75
          ? writer.append([captureDraft(i)])
          : Promise.resolve().then(() => writer.append([captureDraft(i)]));
      }),
    );
    expect(new Set(outcomes.flatMap((each) => (each.outcome === 'appended' ? each.sequences : []))).size).toBe(150);
    expect((await sightingsIn(store, ledger)).sort()).toEqual(expected(150).sort());
    for (const writer of writers) expect(await writer.refresh()).toEqual(ledger.head);
  });

  test('a hold placed by one writer while another captures: each capture is before it, or judged again', async () => {
    const { ledger, options } = await newLedger();
    const other = await Ledger.open(options);
    const captures = Array.from({ length: 20 }, (_, i) => ledger.append([captureDraft(i)], { policy: 0 }));
    const [hold, ...outcomes] = await Promise.all([other.append([holdDraft('hold-1')]), ...captures]);
    const placedAt = hold.outcome === 'appended' ? (hold.sequences[0] ?? -1) : -1;
    for (const each of outcomes) {
      if (each.outcome === 'appended') expect(each.sequences[0]).toBeLessThan(placedAt);
      else expect(each.policy).toBe(placedAt);
    }
  });

  test('the sidecar of a proposal that lost is emptied: it names people and belongs to nothing', async () => {
    const { ledger, options, store } = await newLedger();
    const other = await Ledger.open({ ...options, random: randomFrom('other') });
    await Promise.all([ledger.append([captureDraft(0)]), other.append([captureDraft(1)])]);
    expect((await damagesIn(store)).summary.orphanedSidecars).toBe(0);
  });
});

describe('invariant 8: swallowed replies', () => {
  test.each([1, 2, 3, 4, 5])('lose nothing and duplicate nothing (seed %i)', async (seed) => {
    const { ledger: reader, options, store } = await newLedger();
    const chance = chances(seed);
    const fate = (): Fate => (chance() < 0.5 ? 'answered' : chance() < 0.6 ? 'swallowed' : 'failed');
    const retry = { attempts: 2, pauseMs: 0 };
    const open = (who: string) =>
      Ledger.open({
        ...options,
        retry,
        random: randomFrom(`${who} ${seed}`),
        store: new FaultyLedgerStore(store, fate),
      });
    const writers = [await open('a'), await open('b')];
    await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        untilAnswered(async () => (writers[i % 2] ?? reader).append([captureDraft(i)])),
      ),
    );
    expect((await sightingsIn(store, reader)).sort()).toEqual(expected(60).sort());
  });

  test('when the outcome is unknown, the fault says so; the repeated call is not written twice', async () => {
    const { options, store } = await newLedger();
    const fates: Fate[] = ['answered', 'swallowed'];
    const faulty = new FaultyLedgerStore(store, () => fates.shift() ?? 'answered');
    const ledger = await Ledger.open({ ...options, store: faulty, retry: { attempts: 1, pauseMs: 0 } });
    const fault = { code: 'store-unavailable', facts: { outcome: 'unknown' } };
    await expect(ledger.append([captureDraft(0), captureDraft(1)])).rejects.toMatchObject(fault);
    expect(ledger.head.size).toBe(1);
    const [other, repeated] = await Promise.all([
      ledger.append([captureDraft(2)]),
      ledger.append([captureDraft(0), captureDraft(1)]),
    ]);
    expect(repeated).toEqual({ outcome: 'appended', sequences: [1, 2] });
    expect(other).toEqual({ outcome: 'appended', sequences: [3] });
    expect(await ledger.append([captureDraft(2)])).toEqual({ outcome: 'appended', sequences: [4] });
  });

  test('when nothing was written, a later append takes the place', async () => {
    const { options, store } = await newLedger();
    const fates: Fate[] = ['failed'];
    const faulty = new FaultyLedgerStore(store, () => fates.shift() ?? 'answered');
    const ledger = await Ledger.open({ ...options, store: faulty, retry: { attempts: 1, pauseMs: 0 } });
    await expect(ledger.append([captureDraft(0)])).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(await ledger.append([captureDraft(1)])).toEqual({ outcome: 'appended', sequences: [1] });
  });

  test('a sidecar left by a writer that died is found and emptied once its place is taken', async () => {
    const { ledger, store } = await newLedger(new MemoryLedgerStore());
    const name = `${'1'.padStart(16, '0')}-${'f'.repeat(32)}`;
    await store.putSidecar(name, Buffer.from('names'));
    expect(await ledger.eraseOrphanedSidecars()).toBe(0);
    await ledger.append([captureDraft(0)]);
    expect((await damagesIn(store)).summary.orphanedSidecars).toBe(1);
    expect(await ledger.eraseOrphanedSidecars()).toBe(1);
    expect(await ledger.eraseOrphanedSidecars()).toBe(0);
    expect(await store.readSidecar(name)).toHaveLength(0);
  });
});
