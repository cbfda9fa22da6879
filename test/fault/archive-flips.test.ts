import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { BlobStore } from '#archive';
import { noise, orderFor, putOf, scrubbed, streamed, STORED_AT } from '../contract/blob-puts.ts';
import { FilesystemArchive } from '../contract/filesystem-archive.ts';
import { seeds } from '../soak.ts';

const LARGE = 400;
const one = 'Subject: one\r\n\r\nzstd makes this smaller, smaller, smaller, smaller, smaller, smaller\r\n';
const kept = [
  // A store does not compress what is so small, yet takes the frame.
  putOf(one, { zstd: zstdCompressSync(one) }),
  putOf(noise(1, 90)),
  putOf(noise(2, 60), { lock: { legalHold: false, retainUntil: STORED_AT + 5 } }),
  putOf(noise(3, LARGE)),
  putOf(Buffer.alloc(0)),
];
const disposed = putOf(noise(4, 80));

/** Several segments, locks, a hold, a disposal and a message in a segment of its own. */
async function makeSmallArchive(): Promise<FilesystemArchive> {
  const archive = await FilesystemArchive.make(700, LARGE - 1);
  await using store = await archive.open();
  await store.putAll([...kept.slice(0, 2), disposed]);
  await store.putAll(kept.slice(2));
  await store.setLegalHolds(kept.slice(0, 1), true);
  await store.extendRetention(kept.slice(1, 2), STORED_AT + 10);
  await store.dispose(orderFor(disposed));
  return archive;
}

async function expectNothingFalse(store: BlobStore): Promise<void> {
  for (const put of kept) {
    const bytes = await streamed(store, put).catch((error: unknown) => error);
    if (Buffer.isBuffer(bytes)) expect(bytes.equals(put.bytes)).toBe(true);
    else expect(['damaged', 'not-found']).toContain((bytes as { code?: string }).code);
  }
  const gone = await store.read(disposed).catch((error: unknown) => error);
  expect(['disposed', 'damaged', 'not-found']).toContain((gone as { code?: string }).code);
}

async function* everyByte(
  archive: FilesystemArchive,
): AsyncGenerator<{ name: string; at: number; bytes: Buffer; flip: () => Promise<void> }> {
  for (const name of await archive.segments()) {
    await using handle = await open(join(archive.segmentsFolder, name), 'r+');
    const bytes = await archive.readSegment(name);
    for (let at = 0; at < bytes.length; at += 1) {
      const flip = async (): Promise<void> => {
        const changed = Buffer.from([(bytes[at] ?? 0) ^ (1 << (at % 8))]);
        await handle.write(changed, 0, 1, at);
      };
      yield { name, at, bytes, flip };
      await handle.write(bytes, at, 1, at);
    }
  }
}

describe('one changed byte anywhere in the segments', () => {
  test('is found by scrub and never served as good (invariants 18, 26)', async () => {
    await using archive = await makeSmallArchive();
    expect((await archive.segments()).length).toBeGreaterThanOrEqual(4);
    await using store = await archive.open();
    expect(await scrubbed(store)).toEqual([]);
    const missed: string[] = [];
    let tried = 0;
    for await (const { name, at, flip } of everyByte(archive)) {
      await flip();
      tried += 1;
      if ((await scrubbed(store)).length === 0) missed.push(`${name} at ${at}`);
      await expectNothingFalse(store);
    }
    expect(missed).toEqual([]);
    expect(tried).toBeGreaterThan(2_000);
    expect(await scrubbed(store)).toEqual([]);
  });

  test('is found as well by a process that has to read the segments anew', async () => {
    await using archive = await makeSmallArchive();
    const step = seeds(11, 1);
    const missed: string[] = [];
    for await (const { name, at, bytes, flip } of everyByte(archive)) {
      if (at % step !== 0) continue;
      await flip();
      await archive.deleteLocator();
      await using store = await archive.open();
      // What stands where a message was erased is erased again, and so repaired.
      const repaired = (await archive.readSegment(name)).equals(bytes);
      if (!repaired && (await scrubbed(store)).length === 0) missed.push(`${name} at ${at}`);
      await expectNothingFalse(store);
    }
    expect(missed).toEqual([]);
  });
});
