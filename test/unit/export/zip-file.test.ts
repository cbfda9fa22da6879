import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { endOfDirectory, ZipFile } from '../../../services/export/zip-file.ts';
import { run, temporaryFolder } from './export-files.ts';

describe('a zip file', () => {
  let place: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeAll(async () => {
    place = await temporaryFolder();
  });

  afterAll(async () => {
    await place[Symbol.asyncDispose]();
  });

  test('of more than 65,535 files is complete (APPNOTE 4.3.14, zip64)', async () => {
    const path = join(place.path, 'many.zip');
    await using zip = await ZipFile.create(path);
    for (let number = 0; number < 66_000; number++) await zip.add(`${number}.txt`, Buffer.from(`${number}`));
    await zip.finish();
    expect(run(place.path, 'unzip -tqq many.zip').status).toBe(0);
    expect(run(place.path, 'unzip -p many.zip 65999.txt').output).toBe('65999');
    expect(run(place.path, 'zipinfo -h many.zip').output).toContain('number of entries: 66000');
  });

  test('keeps what is streamed into it, and shows no time, one mode and no compression', async () => {
    const path = join(place.path, 'streamed.zip');
    await using zip = await ZipFile.create(path);
    const content = Buffer.alloc(300_000, 'streamed ');
    async function* chunks() {
      yield content.subarray(0, 1000);
      yield content.subarray(1000);
    }
    await zip.add('a/b.txt', { size: content.length, crc32: crc32(content), chunks: chunks() });
    await zip.add('empty', Buffer.alloc(0));
    await zip.finish();
    expect(run(place.path, 'unzip -p streamed.zip a/b.txt').output).toBe(content.toString());
    expect(run(place.path, 'zipinfo -T streamed.zip').output).toMatch(/-rw-r--r-- .* stor 19800101\.000000 a\/b\.txt/u);
    expect(run(place.path, 'unzip -tqq streamed.zip').status).toBe(0);
  });

  test('cut off is not taken for a whole one', async () => {
    const path = join(place.path, 'cut.zip');
    await using zip = await ZipFile.create(path);
    await zip.add('a', Buffer.from('content'));
    await zip.finish();
    await truncate(path, (await stat(path)).size - 30);
    expect(run(place.path, 'unzip -tqq cut.zip').status).not.toBe(0);
  });

  test('names places beyond 4 GB in 64 bits (APPNOTE 4.3.14 to 4.3.16)', () => {
    const end = endOfDirectory(3, 200, 5_000_000_000);
    expect(end.length).toBe(56 + 20 + 22);
    expect(end.readBigUInt64LE(48)).toBe(5_000_000_000n);
    expect(end.readBigUInt64LE(56 + 8)).toBe(5_000_000_200n);
    expect(end.readUInt32LE(56 + 20 + 16)).toBe(0xffff_ffff);
    expect(endOfDirectory(3, 200, 400).length).toBe(22);
  });
});
