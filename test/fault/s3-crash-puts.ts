import type { BlobPut } from '#archive';

/** Those of six that are not disposed of are kept until then. */
export function retainedPut(number: number, retainUntil: number): Pick<BlobPut, 'lock'> {
  return { lock: { legalHold: false, retainUntil: number % 6 > 2 ? retainUntil : null } };
}
