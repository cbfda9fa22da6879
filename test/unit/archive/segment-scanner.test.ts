import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { digestOf } from '#kernel';
import {
  encodeFrame,
  frameBytes,
  SEGMENT_HEADER_BYTES,
  type EncodedFrame,
} from '../../../services/archive/adapters/filesystem/segment-format.ts';
import { segmentOf, type Segment } from '../../../services/archive/adapters/filesystem/segment-files.ts';
import { FileWindow, scanFrames, type Scanned } from '../../../services/archive/adapters/filesystem/segment-scanner.ts';
import { NO_LOCK, noise, orderFor, putOf, scrubbed, STORED_AT } from '../../contract/blob-puts.ts';
import { FilesystemArchive } from '../../contract/filesystem-archive.ts';
import { segmentBytes } from '../../planted-segment.ts';

const ID = '0123456789abcdef';

function messageFrame(payload: Uint8Array): EncodedFrame {
  const header = { digest: digestOf(payload), encoding: 'raw', generation: 1, lock: { ...NO_LOCK } };
  return encodeFrame('message', { ...header, sighting: 's', size: payload.length, storedAt: STORED_AT }, payload);
}

function disposalFrame(of: Uint8Array): EncodedFrame {
  return encodeFrame('disposal', { at: 1, digest: digestOf(of), generation: 1, order: 'o', orderedAt: 1 });
}

async function scan(bytes: Buffer): Promise<Scanned[]> {
  await using archive = await FilesystemArchive.make();
  const path = join(archive.root, 'segment');
  await writeFile(path, bytes);
  await using handle = await open(path, 'r');
  const segment: Segment | undefined = segmentOf(`00000001-${ID}.seg`);
  if (segment === undefined) throw new Error('the name is one of a segment');
  const found: Scanned[] = [];
  const window = new FileWindow(handle, bytes.length);
  for await (const item of scanFrames(window, segment, SEGMENT_HEADER_BYTES)) found.push(item);
  return found;
}

describe('the segment format', () => {
  test('is what it was: a message, a lock, a disposal and a commit marker (golden)', () => {
    const payload = Buffer.from('hello');
    const digest = digestOf(payload);
    const lock = { at: 2, digest, generation: 1, lock: { legalHold: true, retainUntil: 3 } };
    const frames = [messageFrame(payload), encodeFrame('lock', lock), disposalFrame(payload)];
    const end = SEGMENT_HEADER_BYTES + frames.reduce((sum, frame) => sum + frameBytes(frame), 0);
    const bytes = segmentBytes(1, ID, [...frames, encodeFrame('commit', { end, frames: 3 })]);
    expect(bytes.subarray(0, 28).toString('hex')).toBe('4d554e495345473101000000010000000123456789abcdefa4555bfb');
    expect(bytes.subarray(28, 48).toString('hex')).toBe('ab46524d0101cc0005000000766cc9777b1430de');
    expect(digestOf(bytes)).toBe('cc3b17885509a2913910060f1e0d5cbd25f6267d09da5b998f5a43ee520074b0');
  });

  test('a frame whose fields are not those of its type is damage, whatever its crc says', async () => {
    const odd = encodeFrame('lock', { digest: 'none' });
    expect(await scan(segmentBytes(1, ID, [odd]))).toMatchObject([{ kind: 'damage' }]);
  });

  test('after damage the scanner goes on at the next frame of this segment', async () => {
    const frames = [messageFrame(noise(1, 50)), messageFrame(noise(2, 50)), messageFrame(noise(3, 50))];
    const bytes = segmentBytes(1, ID, frames);
    bytes[SEGMENT_HEADER_BYTES + 6] = 0xff;
    expect((await scan(bytes)).map((item) => item.kind)).toEqual(['damage', 'frame', 'frame']);
  });

  test('frames inside a message are never taken for frames, even when the frame around them is damaged', async () => {
    const victim = noise(4, 40);
    const hostile = segmentBytes(1, 'fedcba9876543210', [disposalFrame(victim), disposalFrame(victim)]);
    const bytes = segmentBytes(1, ID, [messageFrame(hostile), messageFrame(victim)]);
    bytes[SEGMENT_HEADER_BYTES + 17] = (bytes[SEGMENT_HEADER_BYTES + 17] ?? 0) ^ 1;
    const found = await scan(bytes);
    expect(found.map((item) => item.kind)).toEqual(['damage', 'frame']);
    expect(found[1]).toMatchObject({ content: { type: 'message' } });
  });

  test('a commit marker that counts other frames than there are is damage', async () => {
    const frame = messageFrame(noise(5, 10));
    const end = SEGMENT_HEADER_BYTES + frameBytes(frame);
    const marked = (frames: number): Buffer => segmentBytes(1, ID, [frame, encodeFrame('commit', { end, frames })]);
    expect((await scan(marked(1))).map((item) => item.kind)).toEqual(['frame', 'frame']);
    expect((await scan(marked(2))).map((item) => item.kind)).toEqual(['frame', 'damage']);
  });
});

describe('copies that no index knows', () => {
  test('of a message that was written twice, disposal destroys both', async () => {
    await using archive = await FilesystemArchive.make();
    const put = putOf(noise(6, 400));
    const store = await archive.open();
    await store.putAll([put]);
    await store[Symbol.asyncDispose]();
    await archive.writeSegment(`00000009-${ID}.seg`, segmentBytes(9, ID, [messageFrame(put.bytes)]));
    await using reopened = await archive.open();
    expect(await reopened.read(put)).toEqual(put.bytes);
    expect((await reopened.dispose(orderFor(put))).versions).toBe(2);
    expect(await archive.contains(put.bytes.subarray(0, 32))).toBe(false);
  });
});

describe('a disposal that a crash interrupted', () => {
  test('after its order was durable and before the bytes were overwritten, the next start finishes it', async () => {
    await using archive = await FilesystemArchive.make();
    const put = putOf(noise(7, 400));
    const store = await archive.open();
    await store.putAll([put]);
    await store[Symbol.asyncDispose]();
    await archive.writeSegment(`00000009-${ID}.seg`, segmentBytes(9, ID, [disposalFrame(put.bytes)]));
    await using reopened = await archive.open();
    await expect(reopened.read(put)).rejects.toMatchObject({ code: 'disposed' });
    expect(await archive.contains(put.bytes.subarray(0, 32))).toBe(false);
    expect(await scrubbed(reopened)).toEqual([]);
  });

  test('in the middle of the bytes, the next start overwrites the rest', async () => {
    await using archive = await FilesystemArchive.make();
    const put = putOf(noise(8, 400));
    const store = await archive.open();
    await store.putAll([put]);
    await store[Symbol.asyncDispose]();
    const [name = ''] = await archive.segments();
    const bytes = await archive.readSegment(name);
    bytes.fill(0, bytes.indexOf(put.bytes), bytes.indexOf(put.bytes) + 200);
    await archive.writeSegment(name, bytes);
    await archive.writeSegment(`00000009-${ID}.seg`, segmentBytes(9, ID, [disposalFrame(put.bytes)]));
    await using reopened = await archive.open();
    expect(await archive.contains(put.bytes.subarray(200, 232))).toBe(false);
    expect(await scrubbed(reopened)).toEqual([]);
  });
});
