import { strictBase64 } from '#kernel';
import { type Checkpoint, parseCheckpoint, verifyCheckpoint } from './checkpoint.ts';
import { LedgerFault } from './ledger-fault.ts';
import { verifyInclusion } from './proof.ts';
import { leafHash } from './tree.ts';

/** C2SP tlog-proof, taken apart. */
export interface Proof {
  /** Opaque, and not covered by any signature. */
  readonly extra?: Uint8Array;
  readonly index: number;
  /** From the leaf's sibling up to the root's child. */
  readonly path: readonly Uint8Array[];
  /** The text of the checkpoint, verbatim. */
  readonly checkpoint: string;
}

const firstLine = 'c2sp.org/tlog-proof@v1';

/** A text file, by convention named `*.tlog-proof`. */
export function proofText({ checkpoint, extra, index, path }: Proof): string {
  const lines = [firstLine];
  if (extra !== undefined) lines.push(`extra ${Buffer.from(extra).toString('base64')}`);
  lines.push(`index ${index}`, ...path.map((hash) => Buffer.from(hash).toString('base64')));
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/** @throws LedgerFault `invalid-proof`, `invalid-checkpoint` */
export function parseProof(text: string): Proof {
  const split = text.indexOf('\n\n');
  const [first, ...lines] = text.slice(0, Math.max(split, 0)).split('\n');
  if (first !== firstLine) throw invalid('it is not a tlog-proof');
  const extra = lines[0]?.startsWith('extra ') === true ? extraOf(lines.shift() ?? '') : undefined;
  const index = indexOf(lines.shift() ?? '');
  const checkpoint = text.slice(split + 2);
  parseCheckpoint(checkpoint);
  return { index, path: lines.map(pathHash), checkpoint, ...(extra === undefined ? {} : { extra }) };
}

function extraOf(line: string): Uint8Array {
  const extra = strictBase64(line.slice('extra '.length));
  if (extra === undefined) throw invalid('its extra data is not base64');
  return extra;
}

function indexOf(line: string): number {
  const [, digits] = /^index (0|[1-9]\d*)$/u.exec(line) ?? [];
  if (digits === undefined || !Number.isSafeInteger(Number(digits))) throw invalid('it has no index');
  return Number(digits);
}

function pathHash(line: string): Uint8Array {
  const hash = strictBase64(line);
  if (hash?.length !== 32) throw invalid('a line of its path is not a hash');
  return hash;
}

/**
 * Offline: whether these bytes are the entry at `index` of the log that `publicKey` signs for.
 * @param entryBytes the leaf, as `Ledger.entryBytes` gives it
 * @throws LedgerFault `invalid-proof`, `invalid-checkpoint`
 */
export function verifyProof(
  entryBytes: Uint8Array,
  text: string,
  publicKey: string,
): { readonly index: number; readonly checkpoint: Checkpoint } {
  const proof = parseProof(text);
  const checkpoint = verifyCheckpoint(proof.checkpoint, publicKey);
  const root = Buffer.from(checkpoint.root, 'hex');
  if (!verifyInclusion(leafHash(entryBytes), proof.index, checkpoint.size, proof.path, root)) {
    throw invalid('the entry is not at that place in the tree of its checkpoint');
  }
  return { index: proof.index, checkpoint };
}

function invalid(problem: string): LedgerFault {
  return new LedgerFault('invalid-proof', `the proof is refused: ${problem}`, {
    remedy: 'Obtain the proof again from the archive; if it is refused again, the entry is not what was recorded.',
  });
}
