import { randomBytes } from 'node:crypto';

const idBytes = 16;
const poolBytes = 4096;
let pool = Buffer.alloc(0);

/** A new opaque id: 128 random bits, 32 lower-case hex digits. Random bytes are drawn many at a time: a call costs more than they do. */
export function newId(): string {
  if (pool.length < idBytes) pool = randomBytes(poolBytes);
  const id = pool.toString('hex', 0, idBytes);
  pool = pool.subarray(idBytes);
  return id;
}

/** A new id for people to read and type: a prefix and 40 random bits, e.g. `matter-7f3a90c21b`. */
export function newName(prefix: string): string {
  return `${prefix}-${randomBytes(5).toString('hex')}`;
}
