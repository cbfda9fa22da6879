import { randomBytes } from 'node:crypto';

/** Where batch ids and salts come from. Tests and golden files inject their own. */
export type RandomSource = (sizeBytes: number) => Buffer;

const poolBytes = 4096;

/** Ids of 32 hex digits. Draws many at a time: a call for each salt costs more than its hash. */
export function idsFrom(random: RandomSource = randomBytes): () => string {
  let pool: Buffer = Buffer.alloc(0);
  return () => {
    if (pool.length < 16) pool = random(poolBytes);
    const id = pool.toString('hex', 0, 16);
    pool = pool.subarray(16);
    return id;
  };
}
