import { createHash } from 'node:crypto';
import { digestOf } from '#kernel';
import type { BlobLock, BlobPut, BlobRef, BlobStat, BlobStore } from '#archive';

export const NO_LOCK: BlobLock = { legalHold: false, retainUntil: null };
export const STORED_AT = Date.UTC(2026, 10, 23);

/** The put of some bytes, with whatever the test wants to be different. */
export function putOf(content: string | Uint8Array, changes: Partial<BlobPut> = {}): BlobPut & { bytes: Buffer } {
  const bytes = Buffer.from(content);
  return {
    digest: digestOf(bytes),
    generation: 1,
    size: bytes.length,
    content: { bytes },
    lock: NO_LOCK,
    sighting: `sighting of ${bytes.length}`,
    storedAt: STORED_AT,
    bytes,
    ...changes,
  };
}

/** The same bytes for the same seed, and not compressible. */
export function noise(seed: number, length: number): Buffer {
  if (length === 0) return Buffer.alloc(0);
  // Not a small generator: within one that repeats, the bytes of one seed turn up in the middle of another's.
  return createHash('shake128', { outputLength: length }).update(String(seed)).digest();
}

export function orderFor(ref: BlobRef, orderedAt: number = STORED_AT): BlobRef & { order: string; orderedAt: number } {
  return { digest: ref.digest, generation: ref.generation, order: 'order-1', orderedAt };
}

export async function listed(store: BlobStore, skip?: (ref: BlobRef) => boolean): Promise<BlobStat[]> {
  const stats: BlobStat[] = [];
  for await (const stat of store.list(skip)) stats.push(stat);
  return stats.sort((a, b) => compare(a.digest, b.digest) || a.generation - b.generation);
}

export async function scrubbed(store: BlobStore): Promise<string[]> {
  const damages: string[] = [];
  for await (const damage of store.scrub()) damages.push(`${damage.place}: ${damage.problem}`);
  return damages;
}

export async function streamed(store: BlobStore, ref: BlobRef): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of store.stream(ref)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
