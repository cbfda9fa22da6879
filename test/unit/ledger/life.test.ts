import { describe, expect, test } from '@jest/globals';
import { Ledger, sightingKey } from '#ledger';
import { MemoryLedgerStore } from '../../../services/ledger/adapters/memory-ledger-store.ts';
import {
  captureDraft,
  damagesIn,
  disposedDraft,
  newLedger,
  readDraft,
  signerNamed,
  writeSample,
} from '../../sample-ledger.ts';

describe('keys and epochs', () => {
  test('a rotated key signs what follows; the old one is refused from then on', async () => {
    const { ledger, options, store } = await newLedger();
    const other = await Ledger.open(options);
    const second = signerNamed('second key');
    expect(await ledger.rotateKey(second, { actor: 'cli' })).toBe(1);
    expect(await ledger.append([readDraft(0)])).toMatchObject({ outcome: 'appended', sequences: [2] });
    await expect(other.append([readDraft(0)])).rejects.toMatchObject({ code: 'wrong-key' });
    await expect(Ledger.open(options)).rejects.toMatchObject({ code: 'wrong-key' });
    expect((await Ledger.open({ ...options, signer: second })).head).toEqual(ledger.head);
    expect((await damagesIn(store)).found).toEqual([]);
  });

  test('a restored ledger continues only as a new epoch, which names what was restored, by whom, and why', async () => {
    const { ledger, options, store } = await newLedger();
    await ledger.append([captureDraft(1)]);
    const { size, root } = ledger.head;
    const signer = signerNamed('after the fire');
    await expect(Ledger.open({ ...options, signer })).rejects.toMatchObject({ code: 'wrong-key' });
    const decision = { actor: 'cli', origin: 'archive.example/ledger-2', reason: 'fire', decidedBy: 'Ines' };
    const adopted = await Ledger.adoptEpoch({ ...options, signer, decision });
    expect(adopted.head).toMatchObject({ epoch: 1, origin: decision.origin, publicKey: signer.publicKey, policy: 2 });
    expect(await adopted.entry(2)).toMatchObject({
      kind: 'epoch',
      number: 1,
      restored: { size, root },
      aside: { reason: 'fire', decidedBy: 'Ines' },
    });
    expect(await adopted.sightingSalt()).toBe(await ledger.sightingSalt());
    await expect(ledger.append([readDraft(0)])).rejects.toMatchObject({ code: 'wrong-key' });
    const { found, summary } = await damagesIn(store);
    expect(found).toEqual([]);
    expect(summary.epochs.map(({ number, sequence }) => [number, sequence])).toEqual([
      [0, 0],
      [1, 2],
    ]);
  });
});

describe('invariant 17: erased asides', () => {
  test('are gone for every reader, leave the tree as it was, and are in order once a certificate names them', async () => {
    const { ledger, options, store } = await newLedger();
    await ledger.append([captureDraft(1), readDraft(1), captureDraft(2)]);
    const { root } = ledger.head;
    await ledger.eraseAsides([1, 2]);
    await ledger.eraseAsides([1]);
    const fresh = await Ledger.open(options);
    for (const each of [ledger, fresh]) {
      expect((await each.entry(1)).aside).toBe('erased');
      expect((await each.entry(2)).aside).toEqual({});
      expect((await each.entry(3)).aside).toEqual(captureDraft(2).aside);
    }
    expect(fresh.head.root).toBe(root);
    expect((await damagesIn(store)).found).toMatchObject([{ place: '1' }]);
    await ledger.append([disposedDraft(1, [1])]);
    expect((await damagesIn(store)).found).toEqual([]);
  });
});

async function firsts(ledger: Ledger, from: number, to?: number): Promise<number[]> {
  const found: number[] = [];
  for await (const batch of ledger.read(from, to)) found.push(batch.first);
  return found;
}

describe('reading', () => {
  test('any range gives the whole batches that it touches, in order', async () => {
    const { ledger, options } = await newLedger();
    for (const size of [3, 1, 5]) await ledger.append(Array.from({ length: size }, (_, i) => captureDraft(i)));
    const fresh = await Ledger.open(options);
    for (const each of [ledger, fresh]) {
      expect(await firsts(each, 0)).toEqual([0, 1, 4, 5]);
      expect(await firsts(each, 3, 5)).toEqual([1, 4]);
      expect(await firsts(each, 7)).toEqual([5]);
      expect(await firsts(each, 10)).toEqual([]);
      expect(await firsts(each, 4, 4)).toEqual([]);
    }
  });
});

test('sighting keys are the same for the same parts in any key order, and different under another salt', async () => {
  const salt = await (await newLedger()).ledger.sightingSalt();
  const key = sightingKey(salt, { source: 'a', uid: 1 });
  expect(key).toMatch(/^[0-9a-f]{32}$/u);
  expect(sightingKey(salt, { uid: 1, source: 'a' })).toBe(key);
  expect(sightingKey(salt, { source: 'a', uid: 2 })).not.toBe(key);
  expect(sightingKey(Buffer.alloc(32).toString('base64'), { source: 'a', uid: 1 })).not.toBe(key);
});

test('the sample used throughout is whole', async () => {
  const store = new MemoryLedgerStore();
  const { ledger } = await writeSample(store);
  const { found, summary } = await damagesIn(store);
  expect(found).toEqual([]);
  expect(summary).toMatchObject({ size: ledger.head.size, root: ledger.head.root, orphanedSidecars: 0 });
});
