import { createHash } from 'node:crypto';

/** sha256 of a message's bytes as received, 64 lower-case hex digits: the message's identity. */
export type Digest = string & { readonly __brand: 'Digest' };

const DIGEST = /^[0-9a-f]{64}$/u;

export function digestOf(bytes: Uint8Array): Digest {
  return createHash('sha256').update(bytes).digest('hex') as Digest;
}

export function isDigest(text: string): text is Digest {
  return DIGEST.test(text);
}

/** A digest that is known to be one: from a hash object, a column, a checked schema. */
export function asDigest(text: string): Digest {
  return text as Digest;
}
