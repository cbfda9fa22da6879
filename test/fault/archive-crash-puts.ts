import type { BlobPut } from '#archive';
import { noise, putOf } from '../contract/blob-puts.ts';

/** Message number n, the same in every process; now and then one that is too large for memory. */
export function crashPut(number: number): BlobPut & { bytes: Buffer } {
  const length = number % 25 === 24 ? 12_000 : 200 + ((number * 379) % 3_000);
  return putOf(noise(number, length));
}
