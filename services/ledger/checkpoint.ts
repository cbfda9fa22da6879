import { strictBase64 } from '#kernel';
import type { SigningKey } from './head.ts';
import { LedgerFault } from './ledger-fault.ts';
import { formatNote, isKeyName, isNoteSignedBy, type Note, noteKeyId, parseNote } from './note.ts';
import type { Signer, TreeHead } from './signer.ts';

/** A C2SP tlog-checkpoint: what the log called `origin` contained at `size`. */
export interface Checkpoint extends TreeHead {
  readonly origin: string;
}

export function isOrigin(origin: string): boolean {
  return isKeyName(origin);
}

/** Signs what it is given: `Ledger.checkpoint` decides what may be signed. */
export async function makeCheckpoint({ origin, size, root }: Checkpoint, signer: Signer): Promise<string> {
  const text = `${origin}\n${size}\n${Buffer.from(root, 'hex').toString('base64')}\n`;
  return formatNote(text, origin, signer.publicKey, await signer.sign(Buffer.from(text)));
}

/** What a checkpoint says, its signature not checked. @throws LedgerFault `invalid-checkpoint` */
export function parseCheckpoint(text: string): Checkpoint {
  return partsOf(text).checkpoint;
}

/**
 * @param publicKey 32 bytes, base64: the log's key as the verifier knows it
 * @throws LedgerFault `invalid-checkpoint`
 */
export function verifyCheckpoint(text: string, publicKey: string): Checkpoint {
  const { checkpoint, note } = partsOf(text);
  if (!isNoteSignedBy(note, checkpoint.origin, publicKey)) throw invalid('it is not signed by the given key');
  return checkpoint;
}

/** Who signed a checkpoint, seen from a ledger that has or had `keys`. */
export type CheckpointSignature =
  /** One of these keys did. */
  | 'own'
  /** It claims to be by one of them and does not verify. */
  | 'wrong'
  /** None of them did. */
  | 'of-no-key'
  /** None of them ever signed for this origin. */
  | 'of-other-origin';

/** @throws LedgerFault `invalid-checkpoint` */
export function signatureOf(text: string, keys: readonly SigningKey[]): CheckpointSignature {
  const { checkpoint, note } = partsOf(text);
  const { origin } = checkpoint;
  const known = keys.filter((key) => key.origin === origin);
  if (known.length === 0) return 'of-other-origin';
  if (known.some(({ publicKey }) => isNoteSignedBy(note, origin, publicKey))) return 'own';
  const claimed = (publicKey: string) =>
    note.signatures.some(({ keyId }) => keyId.equals(noteKeyId(origin, publicKey)));
  return known.some(({ publicKey }) => claimed(publicKey)) ? 'wrong' : 'of-no-key';
}

function partsOf(text: string): { checkpoint: Checkpoint; note: Note } {
  const note = parseNote(text);
  if (note === undefined) throw invalid('it is not a signed note');
  const [origin = '', size = '', root = '', ...extensions] = note.text.slice(0, -1).split('\n');
  if (origin === '' || extensions.includes('')) throw invalid('it has an empty line');
  return { checkpoint: { origin, size: sizeOf(size), root: rootOf(root) }, note };
}

function sizeOf(text: string): number {
  const size = Number(text);
  if (!/^(0|[1-9]\d*)$/u.test(text) || !Number.isSafeInteger(size)) throw invalid('its size is not a number');
  return size;
}

function rootOf(text: string): string {
  const root = strictBase64(text);
  if (root?.length !== 32) throw invalid('its root is not a hash');
  return root.toString('hex');
}

function invalid(problem: string): LedgerFault {
  return new LedgerFault('invalid-checkpoint', `the checkpoint is refused: ${problem}`, {
    remedy: 'Obtain the checkpoint and the public key again, from where you trust them.',
  });
}
