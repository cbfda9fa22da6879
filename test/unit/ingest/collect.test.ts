import { describe, expect, test } from '@jest/globals';
import { CaptureTally, collect, ParsingPool, type Source, type SpoolItem, type Tally, workOnCaptures } from '#ingest';
import { digestOf, FixedClock, systemClock } from '#kernel';
import { MemorySpool } from '../../../services/ingest/adapters/memory-spool.ts';
import { InProcessQueue } from '../../../services/jobs/adapters/in-process-queue.ts';
import type { Gate } from '../../crashing-stores.ts';
import { folderSource } from '../../folder-source.ts';
import { GatedArchive, MemoryMedium } from '../../gated-archive.ts';
import { letter } from '../../whole-archive.ts';

const sourceOf = (id: string, messages: readonly Buffer[], onShow?: (index: number) => void) =>
  folderSource(id, { messages, onShow });
const letters = (from: number, count: number) => Array.from({ length: count }, (_, index) => letter(from + index));
const sumOf = ({ found, captured, alreadyArchived, failed }: Tally) => ({ found, captured, alreadyArchived, failed });

/** Everything around `collect`, with a spool of this size. */
async function bench(bytesMax: number, gate?: Gate) {
  const clock = new FixedClock(Date.UTC(2026, 0, 5));
  const pool = new ParsingPool(1);
  const archive = await GatedArchive.open(new MemoryMedium(), pool, gate);
  const [spool, queue] = [new MemorySpool({ bytesMax }), new InProcessQueue({ clock: systemClock })];
  const shown = ({ content, place }: SpoolItem) => ({
    bytes: 'bytes' in content ? Buffer.from(content.bytes) : Buffer.alloc(0),
    custodian: place.custodian,
    path: place.path ?? '',
  });
  const capture = { capture: (items: readonly SpoolItem[]) => archive.capture(items.map(shown)) };
  workOnCaptures({ queue, spool, capture, tally: new CaptureTally() });
  const { recorder } = archive;
  return {
    archive,
    queue,
    spool,
    run: (source: Source, signal = new AbortController().signal) =>
      collect({ recorder, queue, spool, clock }, source, { signal }),
    async [Symbol.asyncDispose]() {
      await queue[Symbol.asyncDispose]();
      await spool[Symbol.asyncDispose]();
      await pool[Symbol.asyncDispose]();
    },
  };
}

describe('collecting (invariants 1, 3, 4)', () => {
  test('goes on with messages larger than the spool, and with several sources that fill it together', async () => {
    await using at = await bench(1500);
    const large = [5, 6, 7].map((number) => letter(number, 'x'.repeat(4000)));
    const runs = ['one', 'two', 'three'].map((id, index) =>
      at.run(sourceOf(id, [...letters(index * 10, 8), ...large])),
    );
    for (const tally of await Promise.all(runs)) {
      expect(tally.found).toBe(11);
      expect(tally.captured + tally.alreadyArchived).toBe(11);
    }
    expect(at.archive.catalog.messages.totals().messages).toBe(27);
    expect(await at.spool.heldBytes()).toBe(0);
  });

  test('when the store fails in the middle acknowledges nothing of it, adds up, and is completed by the next run', async () => {
    let isDown = false;
    const gate: Gate = (call, moment) => {
      if (isDown && call === 'archive.putAll' && moment === 'before') throw new Error('the disk is full');
    };
    await using at = await bench(1_000_000, gate);
    await at.run(sourceOf('one', letters(0, 5)));
    isDown = true;
    const failed = await at.run(sourceOf('one', letters(0, 12)));
    // Known ones that came in one batch with new ones are not acknowledged either.
    expect(sumOf(failed)).toMatchObject({ found: 12, captured: 0 });
    expect(failed.alreadyArchived + failed.failures.length).toBe(12);
    expect(failed.failures.length).toBeGreaterThanOrEqual(7);
    expect(at.archive.catalog.messages.totals().messages).toBe(5);
    expect(await at.spool.heldBytes()).toBe(0);
    isDown = false;
    expect(sumOf(await at.run(sourceOf('one', letters(0, 12))))).toEqual({
      found: 12,
      captured: 7,
      alreadyArchived: 5,
      failed: 0,
    });
    expect(at.archive.catalog.sources.collections('one').map(({ captured }) => captured)).toEqual([7, 0, 5]);
  });

  test('that is aborted keeps what it has taken, and the next run completes it', async () => {
    await using at = await bench(1_000_000);
    const abort = new AbortController();
    const source = sourceOf('one', letters(0, 10), (index) =>
      index === 6 ? abort.abort(new Error('stop')) : undefined,
    );
    await expect(at.run(source, abort.signal)).rejects.toThrow('stop');
    expect(at.archive.catalog.messages.totals().messages).toBe(6);
    expect(sumOf(await at.run(sourceOf('one', letters(0, 10))))).toEqual({
      found: 10,
      captured: 4,
      alreadyArchived: 6,
      failed: 0,
    });
  });

  test('a message that storage has an order for, and the ledger none, fails with the reason, alone, and verify names it', async () => {
    await using at = await bench(1_000_000);
    const planted = { digest: digestOf(letter(3)), generation: 1 };
    await at.archive.archive.dispose({ ...planted, order: 'disposal-0123456789', orderedAt: 1 });
    for (const captured of [5, 0]) {
      const tally = await at.run(sourceOf('one', letters(0, 6)));
      expect(sumOf(tally)).toEqual({ found: 6, captured, alreadyArchived: 5 - captured, failed: 1 });
      expect(tally.failures).toMatchObject([{ reason: expect.stringContaining('run `muniment verify`') }]);
    }
    expect(await at.spool.heldBytes()).toBe(0);
    expect(await at.archive.findings()).toEqual([expect.stringMatching(`^order-unknown message ${planted.digest}: `)]);
  });

  test('says so when the queue is closed under it', async () => {
    await using at = await bench(1_000_000);
    const source = sourceOf('one', letters(0, 3), (index) => void (index === 2 && at.queue[Symbol.asyncDispose]()));
    await expect(at.run(source)).rejects.toMatchObject({ code: 'closed' });
    expect(at.archive.catalog.messages.totals().messages).toBe(0);
  });
});
