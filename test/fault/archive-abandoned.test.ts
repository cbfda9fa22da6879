import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { segmentOf as segmentNamed } from '../../services/archive/adapters/filesystem/segment-files.ts';
import {
  PREFIX_BYTES,
  SEGMENT_HEADER_BYTES,
  TRAILER_BYTES,
} from '../../services/archive/adapters/filesystem/segment-format.ts';
import { FileWindow, scanFrames } from '../../services/archive/adapters/filesystem/segment-scanner.ts';
import { noise, putOf, scrubbed } from '../contract/blob-puts.ts';
import { FilesystemArchive } from '../contract/filesystem-archive.ts';

const kept = [putOf(noise(1, 90)), putOf(noise(2, 60)), putOf(noise(3, 70))];
const [first = putOf(''), ...others] = kept;

/** One segment: a group of one message, a group of two, and a hold. */
async function make(groups: 'one group' | 'three groups' = 'three groups'): Promise<FilesystemArchive> {
  const archive = await FilesystemArchive.make();
  await using store = await archive.open();
  await store.putAll([first]);
  if (groups === 'one group') return archive;
  await store.putAll(others);
  await store.setLegalHolds([first], true);
  return archive;
}

async function segmentOf(archive: FilesystemArchive): Promise<string> {
  return (await archive.segments())[0] ?? '';
}

/** Where each group of the segment ends. */
async function scannedCommits(archive: FilesystemArchive): Promise<number[]> {
  const name = await segmentOf(archive);
  await using handle = await open(join(archive.segmentsFolder, name), 'r');
  const { size } = await handle.stat();
  const segment = segmentNamed(name);
  const ends: number[] = [];
  if (segment === undefined) return ends;
  for await (const item of scanFrames(new FileWindow(handle, size), segment, SEGMENT_HEADER_BYTES)) {
    if (item.kind === 'frame' && item.content.type === 'commit')
      ends.push(item.offset + PREFIX_BYTES + item.headerBytes + TRAILER_BYTES);
  }
  return ends;
}

async function plant(archive: FilesystemArchive, from: number): Promise<string> {
  const name = `${(await segmentOf(archive)).replace(/\.seg$/u, '')}.abandoned-${from}`;
  await writeFile(join(archive.segmentsFolder, name), '');
  return name;
}

async function found(archive: FilesystemArchive): Promise<string[]> {
  await using store = await archive.open();
  return await scrubbed(store);
}

describe('a marker that says that acknowledged frames were given up', () => {
  test.each([0, 28, 100])('at %i is named, with and without the locator that knows better', async (from) => {
    await using archive = await make();
    const marker = await plant(archive, from);
    expect(await found(archive)).toEqual([expect.stringContaining(`${marker}: no failed write left this marker`)]);
    await archive.deleteLocator();
    expect(await found(archive)).toEqual([expect.stringContaining(`${marker}: no failed write left this marker`)]);
  });

  test('takes nothing from whoever has to read the segments anew', async () => {
    await using archive = await make();
    await plant(archive, 28);
    await archive.deleteLocator();
    await using store = await archive.open();
    for (const put of kept) expect(await store.read(put)).toEqual(put.bytes);
    expect((await store.stat(first))?.lock.legalHold).toBe(true);
  });

  test('before a single group is named by the locator, which reads from there', async () => {
    await using archive = await make('one group');
    const marker = await plant(archive, 28);
    expect(await found(archive)).toEqual([expect.stringContaining(`${marker}: `)]);
  });

  test('hides no changed byte behind it, whichever it is', async () => {
    await using archive = await make();
    const marker = await plant(archive, 28);
    const path = join(archive.segmentsFolder, await segmentOf(archive));
    const whole = await readFile(path);
    const missed: number[] = [];
    await archive.deleteLocator();
    for (let at = 28; at < whole.length; at += 1) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      await writeFile(path, changed);
      const damages = await found(archive);
      if (!damages.some((damage) => damage.startsWith(marker)) || damages.length < 2) missed.push(at);
    }
    expect(missed).toEqual([]);
  });

  test('of another segment, or of none, changes nothing and is named', async () => {
    await using archive = await make();
    const names = ['00000001-0123456789abcdef.abandoned-28', '00000009-0123456789abcdef.abandoned-28'];
    for (const name of names) await writeFile(join(archive.segmentsFolder, name), '');
    await archive.deleteLocator();
    expect(await found(archive)).toEqual(names.map((name) => `${name}: a file that the archive did not write`));
    await using store = await archive.open();
    for (const put of kept) expect(await store.read(put)).toEqual(put.bytes);
  });
});

describe('what a failed write gave up', () => {
  test('stays given up where a false marker stands beside its own', async () => {
    await using archive = await make();
    const path = join(archive.segmentsFolder, await segmentOf(archive));
    const size = (await readFile(path)).length;
    // Before the last group, which placed the hold.
    const from = (await scannedCommits(archive))[1] ?? size;
    await plant(archive, from);
    const marker = await plant(archive, 28);
    await archive.deleteLocator();
    expect(await found(archive)).toEqual([expect.stringContaining(`${marker}: `)]);
    await using store = await archive.open();
    expect((await store.stat(first))?.lock.legalHold).toBe(false);
  });

  test('is no fault, whether its group is torn at any length or whole', async () => {
    await using archive = await FilesystemArchive.make();
    const path = async () => join(archive.segmentsFolder, await segmentOf(archive));
    let from = 0;
    {
      await using store = await archive.open();
      await store.putAll([first]);
      from = (await readFile(await path())).length;
      await store.putAll(others);
    }
    const whole = await readFile(await path());
    await plant(archive, from);
    for (let length = from; length <= whole.length; length += 1) {
      await writeFile(await path(), whole.subarray(0, length));
      // Whoever failed to write it never took it for stored.
      await archive.deleteLocator();
      expect([length, await found(archive)]).toEqual([length, []]);
    }
  });
});

test('files that the archive did not write are named', async () => {
  await using archive = await make();
  await writeFile(join(archive.segmentsFolder, 'notes.txt'), 'x');
  expect(await found(archive)).toEqual(['notes.txt: a file that the archive did not write']);
});
