import { createHash } from 'node:crypto';
import { asDigest, type Digest } from '#kernel';
import type { SequenceSet } from './sequence-set.ts';

/** Sequences that are written down at a time. */
const CHUNK = 8_192;

/**
 * What names a set of captures: sha256 of their sequences, ascending, each in decimal and ended by LF. Whoever has the list can
 * compute it (`sort -n | sha256sum`), and the ledger says which message each sequence is.
 */
export function setDigest(set: SequenceSet): Digest {
  const hash = createHash('sha256');
  let lines: number[] = [];
  for (const sequence of set) {
    if (lines.push(sequence) < CHUNK) continue;
    hash.update(`${lines.join('\n')}\n`);
    lines = [];
  }
  if (lines.length > 0) hash.update(`${lines.join('\n')}\n`);
  return asDigest(hash.digest('hex'));
}
