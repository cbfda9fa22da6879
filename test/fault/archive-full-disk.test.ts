import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { FixedClock } from '#kernel';
import { FilesystemBlobStore } from '../../services/archive/adapters/filesystem-blob-store.ts';
import { listed, noise, orderFor, putOf, scrubbed, STORED_AT } from '../contract/blob-puts.ts';
import { FilesystemArchive } from '../contract/filesystem-archive.ts';
import { describeVariant } from '../describe-variant.ts';

describeVariant('tmpfs', 'a full disk', () => {
  let disk: string;

  beforeEach(async () => {
    disk = await mkdtemp(join(tmpdir(), 'muniment-full-disk-'));
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk], { encoding: 'utf8' });
    expect(mounted.stderr).toBe('');
  });
  afterEach(async () => {
    spawnSync('umount', ['-l', disk]);
    await rm(disk, { recursive: true, force: true });
  });

  test('acknowledges nothing, keeps what was there, and goes on once there is space (invariant 11)', async () => {
    await using archive = await FilesystemArchive.make(undefined, undefined, disk);
    const store = await archive.open();
    const before = [putOf(noise(1, 20_000)), putOf(noise(2, 20_000))];
    await store.putAll(before);
    await writeFile(join(disk, 'ballast'), noise(3, 1_200_000));
    const tooMuch = Array.from({ length: 40 }, (_, index) => putOf(noise(100 + index, 50_000)));
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await expect(store.putAll(tooMuch)).rejects.toMatchObject({
        code: 'store-unavailable',
        remedy: expect.stringContaining('Free space'),
      });
    }
    for (const put of before) expect(await store.read(put)).toEqual(put.bytes);
    expect(await listed(store)).toHaveLength(2);
    expect(await scrubbed(store)).toEqual([]);

    await rm(join(disk, 'ballast'));
    const some = tooMuch.slice(0, 10);
    expect((await store.putAll(some)).every((receipt) => receipt.outcome === 'stored')).toBe(true);
    for (const put of some) expect(await store.read(put)).toEqual(put.bytes);
    // Also the bytes that a failed write left behind.
    for (const put of some) await store.dispose(orderFor(put));
    for (const put of some) expect(await archive.contains(put.bytes.subarray(0, 64))).toBe(false);
    await store[Symbol.asyncDispose]();

    await archive.deleteLocator();
    await using reopened = await archive.open();
    expect((await listed(reopened)).map((stat) => stat.digest)).toEqual(before.map((put) => put.digest).sort());
    expect(await scrubbed(reopened)).toEqual([]);
  });

  test('for the locator alone: nothing is acknowledged that the store would not find again', async () => {
    await using archive = await FilesystemArchive.make();
    await using store = await FilesystemBlobStore.open({
      root: archive.record,
      clock: new FixedClock(STORED_AT),
      locatorFile: join(disk, 'locator.sqlite'),
      identityFile: join(archive.root, 'storage.id'),
    });
    const before = putOf('before');
    await store.putAll([before]);
    await fill(join(disk, 'ballast'));
    const puts = Array.from({ length: 3_000 }, (_, index) => putOf(`message ${index}`));
    await expect(store.putAll(puts)).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(await store.read(before)).toEqual(before.bytes);
    expect(await store.stat(puts[0] ?? before)).toBeUndefined();

    await rm(join(disk, 'ballast'));
    expect((await store.putAll(puts)).every((receipt) => receipt.outcome === 'stored')).toBe(true);
    expect(await listed(store)).toHaveLength(3_001);
    expect(await scrubbed(store)).toEqual([]);
  });
});

/** Takes all the space there is. */
async function fill(path: string): Promise<void> {
  for (let size = 4_194_304; size >= 512; size /= 2) {
    await writeFile(path, Buffer.alloc(size), { flag: 'a' }).catch(() => undefined);
  }
}
