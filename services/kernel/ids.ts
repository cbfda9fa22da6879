import { randomBytes } from 'node:crypto';

/** A new opaque id: 128 random bits, 32 lower-case hex digits. */
export function newId(): string {
  return randomBytes(16).toString('hex');
}

/** A new id for people to read and type: a prefix and 40 random bits, e.g. `matter-7f3a90c21b`. */
export function newName(prefix: string): string {
  return `${prefix}-${randomBytes(5).toString('hex')}`;
}
