import { mkdir } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { listed, noise, orderFor, putOf, scrubbed } from '../contract/blob-puts.ts';
import { FilesystemArchive } from '../contract/filesystem-archive.ts';

const earlier = [putOf(noise(1, 100)), putOf('earlier text')];
const last = [putOf(noise(2, 40), { sighting: 's' })];

describe('a segment that ends within its last group, as after a crash', () => {
  test('is accepted at every length: earlier messages are there, and the rest can be stored and destroyed', async () => {
    await using archive = await FilesystemArchive.make();
    let begin = 0;
    {
      await using store = await archive.open();
      await store.putAll(earlier);
      begin = (await archive.readSegment((await archive.segments())[0] ?? '')).length;
      await store.putAll(last);
      await store.setLegalHolds(earlier.slice(0, 1), true);
    }
    const [name = ''] = await archive.segments();
    const whole = await archive.readSegment(name);
    for (let length = begin; length < whole.length; length += 1) {
      await using copy = await FilesystemArchive.make();
      await mkdir(copy.segmentsFolder, { recursive: true });
      await copy.writeSegment(name, whole.subarray(0, length));
      await expectAccepted(copy, name, length);
    }
  });

  test('a cut in an acknowledged group is seen by what list no longer gives', async () => {
    await using archive = await FilesystemArchive.make();
    {
      await using store = await archive.open();
      await store.putAll(earlier);
      await store.putAll(last);
    }
    const [name = ''] = await archive.segments();
    await archive.writeSegment(name, (await archive.readSegment(name)).subarray(0, -150));
    await using store = await archive.open();
    expect((await listed(store)).length).toBeLessThan(3);
    await expect(store.read(last[0] ?? putOf(''))).rejects.toMatchObject({ code: 'not-found' });
  });

  test('a segment shortened while it is in use is damage', async () => {
    await using archive = await FilesystemArchive.make();
    await using store = await archive.open();
    await store.putAll(earlier);
    const [name = ''] = await archive.segments();
    await archive.writeSegment(name, (await archive.readSegment(name)).subarray(0, -1));
    expect(await scrubbed(store)).toEqual([expect.stringContaining('shorter')]);
  });
});

async function expectAccepted(archive: FilesystemArchive, name: string, length: number): Promise<void> {
  await using store = await archive.open();
  expect(await scrubbed(store)).toEqual([]);
  for (const put of earlier) expect(await store.read(put)).toEqual(put.bytes);
  for (const put of last) await store.putAll([put]);
  for (const put of last) {
    expect(await store.read(put)).toEqual(put.bytes);
    await store.dispose(orderFor(put));
    expect(await archive.contains(put.bytes.subarray(0, 16))).toBe(false);
  }
  expect(await scrubbed(store)).toEqual([]);
  expect((await archive.readSegment(name)).length).toBe(length);
}
