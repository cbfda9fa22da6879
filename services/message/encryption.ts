import { decodeContent } from './content.ts';
import type { Entity } from './entity.ts';
import { hasEncryptedMember } from './zip-encryption.ts';

const SMIME = new Set(['application/pkcs7-mime', 'application/x-pkcs7-mime']);
/** Signatures and keys have such names too, and hide nothing. */
const OPEN_TYPES = new Set([
  'application/pgp-signature',
  'application/pgp-keys',
  'application/pkcs7-signature',
  'application/x-pkcs7-signature',
]);
const SIGNATURES = new Set([
  'application/pgp-signature',
  'application/pkcs7-signature',
  'application/x-pkcs7-signature',
]);
const CLOSED_NAME = /\.(?:p7m|gpg|pgp)$/iu;
const ZIP_TYPES = new Set(['application/zip', 'application/x-zip', 'application/x-zip-compressed']);
const ZIP_NAME = /\.zip$/iu;

const SIGNED_NAME = /\.p7m$/iu;

/**
 * Whether a part is an opaque signature (RFC 8551 §3.5.2): a mail program shows the text that is in it, and it is not unwrapped
 * here. Signatures beside their text (RFC 8551 §3.5.3) are none.
 */
export function isOpaqueSigned({ mediaType, fileName, parameters }: Entity): boolean {
  if (SMIME.has(mediaType)) return (parameters.get('smime-type') ?? '').toLowerCase() === 'signed-data';
  return OPEN_TYPES.has(mediaType) && SIGNED_NAME.test(fileName);
}

/** Whether a part is a signature and nothing else (RFC 3156 §5, RFC 8551 §3.5.3). */
export function isSignature(mediaType: string): boolean {
  return SIGNATURES.has(mediaType);
}

/** Whether a part is closed to whoever lacks a key, as far as its type, its name and the directory of an archive say. */
export function isEncrypted(content: Buffer, entity: Entity): boolean {
  const { mediaType, fileName, parameters } = entity;
  if (mediaType === 'application/pgp-encrypted') return true;
  // RFC 8551 §3.2.2: of these, signed-data can be read by anyone who looks; the others are not text without more.
  if (SMIME.has(mediaType)) return (parameters.get('smime-type') ?? '').toLowerCase() !== 'signed-data';
  if (CLOSED_NAME.test(fileName)) return !OPEN_TYPES.has(mediaType);
  if (!ZIP_TYPES.has(mediaType) && !ZIP_NAME.test(fileName)) return false;
  // The flags of an attachment that is not read are not those of the message.
  return hasEncryptedMember(decodeContent(content, entity.encoding, new Set()));
}
