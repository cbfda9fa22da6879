import { hash } from 'node:crypto';
import { strictBase64 } from '#kernel';
import { isSignedBy } from './ed25519.ts';

/** A C2SP signed note, taken apart; no signature checked yet. */
export interface Note {
  /** Ends in a newline; what signatures cover. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface NoteSignature {
  readonly name: string;
  /** 4 bytes that tell keys of one name apart. */
  readonly keyId: Buffer;
  readonly signature: Buffer;
}

/** C2SP signed-note: verifiers accept at least 16, and bound what they accept. */
const signaturesMax = 64;

/** C2SP signed-note, signature type 0x01: Ed25519. */
export function noteKeyId(name: string, publicKey: string): Buffer {
  const key = Buffer.from(publicKey, 'base64');
  return hash('sha256', Buffer.concat([Buffer.from(`${name}\n\x01`), key]), 'buffer').subarray(0, 4);
}

export function isKeyName(name: string): boolean {
  return /^[^\s\p{Z}\p{Cc}+]+$/u.test(name) && name.isWellFormed();
}

export function formatNote(text: string, name: string, publicKey: string, signature: Uint8Array): string {
  const tagged = Buffer.concat([noteKeyId(name, publicKey), signature]);
  return `${text}\n— ${name} ${tagged.toString('base64')}\n`;
}

/** Undefined where the text is no note. */
export function parseNote(note: string): Note | undefined {
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.isWellFormed() || !note.endsWith('\n') || hasControl(note)) return undefined;
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > signaturesMax) return undefined;
  const signatures = lines.map((line) => parseSignature(line));
  return signatures.every((each) => each !== undefined) ? { text: note.slice(0, split + 1), signatures } : undefined;
}

function hasControl(note: string): boolean {
  for (let i = 0; i < note.length; i++) {
    const code = note.charCodeAt(i);
    if (code < 0x20 && code !== 10) return true;
  }
  return false;
}

function parseSignature(line: string): NoteSignature | undefined {
  const [dash, name, base64, ...rest] = line.split(' ');
  if (dash !== '—' || name === undefined || base64 === undefined || rest.length > 0 || !isKeyName(name))
    return undefined;
  const bytes = strictBase64(base64);
  return bytes === undefined || bytes.length < 5
    ? undefined
    : { name, keyId: bytes.subarray(0, 4), signature: bytes.subarray(4) };
}

/**
 * Whether the key of this name signed the note. Signatures of unknown keys are ignored; one of this key that does not
 * verify spoils the note.
 */
export function isNoteSignedBy(note: Note, name: string, publicKey: string): boolean {
  const keyId = noteKeyId(name, publicKey);
  const own = note.signatures.filter((each) => each.name === name && each.keyId.equals(keyId));
  return own.length > 0 && own.every(({ signature }) => isSignedBy(publicKey, Buffer.from(note.text), signature));
}
