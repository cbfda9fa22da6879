import { hash } from 'node:crypto';

/** RFC 8410: what stands before the 32 bytes of an Ed25519 public key in its SPKI form. */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');
const ed25519 = Buffer.of(1);

/**
 * The ledger's key in both forms that verifiers read: a C2SP signed-note verifier key in the first line, and PEM, before which
 * openssl ignores other text.
 * @param publicKey 32 bytes, base64
 */
export function publicKeyFile(origin: string, publicKey: string): string {
  const pem = Buffer.concat([spkiPrefix, Buffer.from(publicKey, 'base64')]).toString('base64');
  return `${verifierKey(origin, publicKey)}\n-----BEGIN PUBLIC KEY-----\n${pem}\n-----END PUBLIC KEY-----\n`;
}

/** By which a signed note is checked (C2SP signed-note): who signs, the first bytes of the key's hash, the key. */
export function verifierKey(origin: string, publicKey: string): string {
  const key = Buffer.from(publicKey, 'base64');
  const id = hash('sha256', Buffer.concat([Buffer.from(`${origin}\n`), ed25519, key])).slice(0, 8);
  return `${origin}+${id}+${Buffer.concat([ed25519, key]).toString('base64')}`;
}
