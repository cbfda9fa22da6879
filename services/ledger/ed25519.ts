import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { strictBase64 } from '#kernel';

/** RFC 8410: what stands before the 32 bytes of an Ed25519 public key in its SPKI form. */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

const imported = new Map<string, KeyObject>();

/** The 32 bytes of a public key in base64, or undefined where the text is something else. */
export function publicKeyBytes(publicKey: string): Buffer | undefined {
  const bytes = strictBase64(publicKey);
  return bytes?.length === 32 ? bytes : undefined;
}

export function publicKeyText(key: KeyObject): string {
  return key.export({ format: 'der', type: 'spki' }).subarray(spkiPrefix.length).toString('base64');
}

/** What a batch's signature line calls its key: 16 hex digits. */
export function keyIdOf(publicKey: string): string {
  return hash('sha256', Buffer.from(publicKey, 'base64'), 'hex').slice(0, 16);
}

/** RFC 8032. False also where `publicKey` is no key. */
export function isSignedBy(publicKey: string, bytes: Uint8Array, signature: Uint8Array): boolean {
  const key = keyObject(publicKey);
  return key !== undefined && signature.length === 64 && verify(null, bytes, key, signature);
}

function keyObject(publicKey: string): KeyObject | undefined {
  const known = imported.get(publicKey);
  const raw = publicKeyBytes(publicKey);
  if (known !== undefined || raw === undefined) return known;
  const key = createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: 'der', type: 'spki' });
  imported.set(publicKey, key);
  return key;
}
