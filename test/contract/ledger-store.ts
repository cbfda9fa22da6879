import { describe, expect, test } from '@jest/globals';
import { asSequence } from '#kernel';
import type { LedgerStore } from '#ledger';

const name = (first: number): string => `${first.toString(16).padStart(16, '0')}-${'a'.repeat(32)}`;

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Every sentence of the port, on every adapter. `reopened`: the store as another process would find it. */
export function ledgerStoreContract(
  open: () => Promise<{ readonly store: LedgerStore; readonly reopened: () => Promise<LedgerStore> }>,
): void {
  describe('LedgerStore', () => {
    test('an empty store has nothing, and says so', async () => {
      const { store } = await open();
      expect(await store.newest()).toBeUndefined();
      expect(await store.read(asSequence(0))).toBeUndefined();
      expect(await store.readSidecar(name(0))).toBeUndefined();
      expect(await all(store.list(asSequence(0)))).toEqual([]);
      expect(await all(store.listSidecars())).toEqual([]);
      expect(await all(store.listStrays())).toEqual([]);
    });

    test('a batch is created once and never replaced, by the same bytes or by others', async () => {
      const { store, reopened } = await open();
      expect(await store.create(asSequence(0), Buffer.from('first'))).toBe('created');
      expect(await store.create(asSequence(0), Buffer.from('first'))).toBe('exists');
      expect(await store.create(asSequence(0), Buffer.from('second'))).toBe('exists');
      expect(String(await store.read(asSequence(0)))).toBe('first');
      expect(String(await (await reopened()).read(asSequence(0)))).toBe('first');
    });

    test('of many that create the same batch at once, exactly one wins, and its bytes are there', async () => {
      const { store, reopened } = await open();
      const stores = [store, await reopened(), await reopened()];
      const outcomes = await Promise.all(
        Array.from({ length: 12 }, async (_, i) => stores[i % 3]?.create(asSequence(7), Buffer.from(`writer ${i}`))),
      );
      expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
      expect(String(await store.read(asSequence(7)))).toBe(`writer ${outcomes.indexOf('created')}`);
    });

    test('batches are listed ascending from where one asks, and the newest is known', async () => {
      const { store, reopened } = await open();
      for (const first of [300, 0, 2 ** 40, 16]) await store.create(asSequence(first), Buffer.from('x'));
      for (const each of [store, await reopened()]) {
        expect(await all(each.list(asSequence(0)))).toEqual([0, 16, 300, 2 ** 40]);
        expect(await all(each.list(asSequence(16)))).toEqual([16, 300, 2 ** 40]);
        expect(await all(each.list(asSequence(17)))).toEqual([300, 2 ** 40]);
        expect(await each.newest()).toBe(2 ** 40);
      }
    });

    test('sidecars are stored, repeatably, and listed; they are no batches', async () => {
      const { store, reopened } = await open();
      await store.putSidecar(name(1), Buffer.from('one'));
      await store.putSidecar(name(1), Buffer.from('one'));
      await store.putSidecar(name(0), Buffer.from('zero'));
      expect(await all(store.listSidecars())).toEqual([name(0), name(1)]);
      expect(String(await (await reopened()).readSidecar(name(1)))).toBe('one');
      expect(await store.newest()).toBeUndefined();
    });

    test('erasing replaces a sidecar, also repeated, and leaves the others; one that is not there stays away', async () => {
      const { store, reopened } = await open();
      await store.putSidecar(name(0), Buffer.from('kept'));
      await store.putSidecar(name(1), Buffer.from('secret'));
      for (let i = 0; i < 2; i++) await store.eraseFromSidecar(name(1), Buffer.from('less'));
      await store.eraseFromSidecar(name(2), Buffer.from('none'));
      const again = await reopened();
      expect(String(await again.readSidecar(name(1)))).toBe('less');
      expect(String(await again.readSidecar(name(0)))).toBe('kept');
      expect(await all(again.listSidecars())).toEqual([name(0), name(1)]);
      expect(await all(again.listStrays())).toEqual([]);
    });

    test('erasing does nothing where another has erased in between', async () => {
      const { store, reopened } = await open();
      const fits = (bytes: Buffer) => bytes.includes('line');
      await store.putSidecar(name(1), Buffer.from('line 1, line 2'));
      const bytes = Buffer.from('line 1, line 2');
      expect(await store.eraseFromSidecar(name(1), Buffer.from('line 2'), { bytes, fits })).toBe('erased');
      expect(await store.eraseFromSidecar(name(1), Buffer.from('line 1'), { bytes, fits })).toBe('changed');
      expect(String(await store.readSidecar(name(1)))).toBe('line 2');
      const now = Buffer.from('line 2');
      expect(await store.eraseFromSidecar(name(1), Buffer.from('no line'), { bytes: now, fits })).toBe('erased');
      expect(String(await (await reopened()).readSidecar(name(1)))).toBe('no line');
      expect(await all(store.listStrays())).toEqual([]);
    });

    test('what is given out is a copy: changing it changes nothing stored', async () => {
      const { store } = await open();
      const bytes = Buffer.from('first');
      await store.create(asSequence(0), bytes);
      bytes.fill(0);
      (await store.read(asSequence(0)))?.fill(0);
      expect(String(await store.read(asSequence(0)))).toBe('first');
    });
  });
}
