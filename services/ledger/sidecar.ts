import { hash } from 'node:crypto';
import { crc32, gunzipSync, gzipSync } from 'node:zlib';
import { canonicalJson, type Json } from '#kernel';
import { z } from 'zod';
import { canonical } from './batch-file.ts';

/** More than any batch can have: a bound for what a hostile file may unpack to. */
const sidecarBytesMax = 64 * 1024 * 1024;

export function sidecarName(first: number, batchId: string): string {
  return `${hex16(first)}-${batchId}`;
}

export function hex16(sequence: number): string {
  return sequence.toString(16).padStart(16, '0');
}

/** One line; its hash stands in the entry. The salt keeps a guess at the content from being confirmed by that hash. */
export function asideLine(aside: Json, salt: string): string {
  return canonicalJson({ aside, salt });
}

export function asideHash(line: string): string {
  return hash('sha256', line, 'hex');
}

const lineSchema = z.strictObject({
  aside: z.record(z.string(), z.json()),
  salt: z.string().regex(/^[0-9a-f]{32}$/u),
});

/** The aside of a line, or undefined where it is not what `asideLine` writes. */
export function asideOf(line: string): unknown {
  const parsed = lineSchema.safeParse(canonical(line));
  return parsed.success ? parsed.data.aside : undefined;
}

export function packSidecar(lines: readonly string[]): Buffer {
  return gzipSync(`${lines.join('\n')}\n`, { level: 1 });
}

/**
 * A sidecar some of whose lines were emptied: gzip with stored blocks only, written by ourselves. A compressor may say the
 * same in many ways; here there is one, so that although the batch's hash no longer fits, no changed byte goes unnoticed.
 */
export function packErasedSidecar(lines: readonly string[]): Buffer {
  const text = Buffer.from(`${lines.join('\n')}\n`);
  const blocks: Buffer[] = [Buffer.from('1f8b08000000000000ff', 'hex')]; // RFC 1952 §2.3: no time, unknown system
  for (let at = 0; at < text.length; at += 0xffff) blocks.push(...storedBlock(text, at));
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(text), 0);
  trailer.writeUInt32LE(text.length, 4);
  return Buffer.concat([...blocks, trailer]);
}

/** RFC 1951 §3.2.4. */
function storedBlock(text: Buffer, at: number): Buffer[] {
  const block = text.subarray(at, at + 0xffff);
  const head = Buffer.alloc(5);
  head[0] = at + 0xffff >= text.length ? 1 : 0;
  head.writeUInt16LE(block.length, 1);
  head.writeUInt16LE(0xffff - block.length, 3);
  return [head, block];
}

/** The lines of a sidecar, empty where erased; undefined where the bytes are not what this ledger wrote. */
export function unpackSidecar(bytes: Buffer, expectedHash: string): readonly string[] | undefined {
  const lines = unpack(bytes);
  if (lines === undefined || hash('sha256', bytes, 'hex') === expectedHash) return lines;
  return packErasedSidecar(lines).equals(bytes) ? lines : undefined;
}

function unpack(bytes: Buffer): readonly string[] | undefined {
  try {
    const text = gunzipSync(bytes, { maxOutputLength: sidecarBytesMax });
    const lines = text.toString().split('\n');
    return lines.pop() === '' ? lines : undefined;
  } catch {
    return undefined;
  }
}
