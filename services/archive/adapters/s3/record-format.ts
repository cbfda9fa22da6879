import { asDigest, canonicalJson, isDigest } from '#kernel';
import type { ObjectHead } from '#object-storage';
import { type BlobPut, type BlobRef, type BlobStat, type DispositionOrder, nameOfBlob } from '../../blob-store.ts';

/** Everything of the record lies below it; services/archive/README.md has the format. */
export const RECORD_PREFIX = 'archive/';

const KEY = /^archive\/[0-9a-f]{2}\/[0-9a-f]{2}\/(?<digest>[0-9a-f]{64})\.(?<generation>[1-9]\d{0,9})$/u;

/** No key is a folder of another one, which some services lose; two levels spread them where a service keeps folders. */
export function keyOf(ref: BlobRef): string {
  const { digest } = ref;
  return `${RECORD_PREFIX}${digest.slice(0, 2)}/${digest.slice(2, 4)}/${nameOfBlob(ref)}`;
}

/** Undefined for a key that the record does not use. */
export function refOf(key: string): BlobRef | undefined {
  const { digest = '', generation = '' } = KEY.exec(key)?.groups ?? {};
  const ref = { digest: asDigest(digest), generation: Number(generation) };
  return isDigest(digest) && keyOf(ref) === key ? ref : undefined;
}

/** Header values are ASCII: the sighting's key is percent-encoded. */
export function metadataOf(put: BlobPut): Record<string, string> {
  return {
    kind: 'message',
    format: '1',
    size: String(put.size),
    sighting: encodeURIComponent(put.sighting),
    'stored-at': String(put.storedAt),
  };
}

/**
 * What stands at the key of a message that was disposed of, so that `If-None-Match: *` keeps its generation from being stored
 * again. Its bytes never have the digest that the key names, so it is never taken for the message.
 */
export function tombstoneOf(order: DispositionOrder, size: number) {
  const { digest, generation, orderedAt } = order;
  return {
    bytes: Buffer.from(`${canonicalJson({ digest, disposed: order.order, generation, orderedAt, size })}\n`),
    metadata: { kind: 'disposed', format: '1', size: String(size) },
  };
}

export function isTombstone(head: ObjectHead): boolean {
  return head.metadata['kind'] === 'disposed';
}

/** Size of the message that a tombstone stands for. */
export function disposedSize(head: ObjectHead): number {
  return numberOf(head.metadata['size']) ?? 0;
}

/** A version with the right bytes that somebody else has put lacks what we say of ours. */
export function statOf(ref: BlobRef, head: ObjectHead): BlobStat {
  const { legalHold, retainUntil } = head.lock;
  return {
    digest: ref.digest,
    generation: ref.generation,
    size: head.size,
    lock: { legalHold, retainUntil },
    sighting: decoded(head.metadata['sighting'] ?? ''),
    storedAt: numberOf(head.metadata['stored-at']) ?? head.modifiedAt,
  };
}

export function isOf(put: BlobPut, head: ObjectHead): boolean {
  return (
    head.metadata['sighting'] === encodeURIComponent(put.sighting) &&
    numberOf(head.metadata['stored-at']) === put.storedAt
  );
}

function numberOf(text: string | undefined): number | undefined {
  const value = Number(text);
  return text !== undefined && Number.isSafeInteger(value) ? value : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
