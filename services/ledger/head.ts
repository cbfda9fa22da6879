import type { BatchFile } from './batch-file.ts';
import { type Entry, entryKinds } from './entries/index.ts';
import { isSignedBy, keyIdOf } from './ed25519.ts';
import { emptyRoot, Frontier, leafHash } from './tree.ts';

/** The key that signs, and what it signs for. */
export interface SigningKey {
  /** 32 bytes, base64. */
  readonly publicKey: string;
  /** Origin line of the epoch's checkpoints. */
  readonly origin: string;
  /** Sequence of the epoch or key-rotated entry that names the key. */
  readonly since: number;
}

/** All that a writer must know of what is committed. */
export interface Head {
  readonly frontier: Frontier;
  readonly root: string;
  readonly policy: number;
  readonly time: number;
  readonly epoch: number;
  readonly key: SigningKey;
}

export const emptyHead: Head = {
  frontier: Frontier.empty,
  root: emptyRoot.toString('hex'),
  policy: -1,
  time: 0,
  epoch: -1,
  key: { publicKey: '', origin: '', since: -1 },
};

/** What must be known of an entry to tell whether its batch continues the ledger. */
export type EntryOutline = Pick<Entry, 'kind' | 'sequence' | 'time'>;

export interface OutlinedBatch {
  readonly file: BatchFile;
  readonly leafHashes: readonly Uint8Array[];
  readonly outlines: readonly EntryOutline[];
  /** The first entry, where it can be one about a key: these stand alone. */
  readonly keyEntry: Entry | undefined;
}

export interface OpenedBatch {
  readonly file: BatchFile;
  readonly entries: readonly Entry[];
  readonly leafHashes: readonly Uint8Array[];
}

export function outlined({ entries, file, leafHashes }: OpenedBatch): OutlinedBatch {
  return { file, leafHashes, outlines: entries, keyEntry: entries[0] };
}

export function leafHashesOf(lines: readonly string[]): Uint8Array[] {
  return lines.map((line) => leafHash(line));
}

export function hexOf(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex');
}

/** The key of the batch after one that begins with `first`, which may change it. `before`: the key until now. */
export function keyAfter(first: Entry | undefined, before: SigningKey): SigningKey {
  if (first?.kind === 'epoch') return { publicKey: first.publicKey, origin: first.origin, since: first.sequence };
  if (first?.kind === 'key-rotated') return { ...before, publicKey: first.publicKey, since: first.sequence };
  return before;
}

/** The key whose signature a batch must carry: an epoch's first batch is signed by the key that it names. */
export function keyOf(first: Entry | undefined, before: SigningKey): SigningKey {
  return first?.kind === 'epoch' ? keyAfter(first, before) : before;
}

/** The head after a batch, by what the batch says of itself. */
export function headAfter(batch: Pick<OutlinedBatch, 'file' | 'keyEntry'>, before: SigningKey): Head {
  const { footer, header } = batch.file;
  return {
    frontier: new Frontier(
      footer.size,
      footer.frontier.map((hash) => Buffer.from(hash, 'hex')),
    ),
    root: footer.root,
    policy: footer.policy,
    time: header.time,
    epoch: header.epoch,
    key: keyAfter(batch.keyEntry, before),
  };
}

/** Everything in which a batch does not continue `head`, in words; empty when it does. */
export function successionProblems(head: Head, batch: OutlinedBatch): string[] {
  const { header } = batch.file;
  const key = keyOf(batch.keyEntry, head.key);
  const checks: readonly (readonly [boolean, string])[] = [
    [header.first === head.frontier.size, `it does not begin where the batch before it ends, at ${head.frontier.size}`],
    [header.previousRoot === head.root, 'it names another root for the ledger before it'],
    [header.policy === head.policy, 'it names another last policy entry before it'],
    [header.time >= head.time, 'its time is before that of the batch before it'],
    [header.keySince === key.since, 'it is signed by a key that was not in force'],
    [batch.file.keyId === keyIdOf(key.publicKey), 'it names another key than the one in force'],
    [isSignedBy(key.publicKey, batch.file.signed, batch.file.signature), 'its signature does not fit'],
    [epochFits(head, batch), 'its epoch does not continue the one before'],
    ...innerChecks(head, batch),
  ];
  return checks.filter(([holds]) => !holds).map(([, problem]) => problem);
}

function innerChecks(head: Head, batch: OutlinedBatch): readonly (readonly [boolean, string])[] {
  const { header, footer } = batch.file;
  const frontier = head.frontier.append(batch.leafHashes);
  const hashes = frontier.hashes.map((hash) => hexOf(hash));
  const keyEntries = batch.outlines.filter(({ kind }) => kind === 'epoch' || kind === 'key-rotated');
  return [
    [hexOf(frontier.root()) === footer.root, 'its entries do not give the root it names'],
    [hashes.join() === footer.frontier.join(), 'its entries do not give the frontier it names'],
    [footer.policy === policyAfter(head.policy, batch.outlines), 'it names another last policy entry after it'],
    [batch.outlines.every(({ time }) => time === header.time), 'an entry has another time than its batch'],
    [keyEntries.length === 0 || batch.outlines.length === 1, 'an entry about a key does not stand alone'],
  ];
}

function epochFits(head: Head, batch: OutlinedBatch): boolean {
  const first = batch.keyEntry;
  if (first?.kind !== 'epoch') return batch.file.header.epoch === head.epoch;
  if (first.number !== head.epoch + 1 || batch.file.header.epoch !== first.number) return false;
  if (first.number === 0) return first.restored === undefined && head.frontier.size === 0;
  return first.restored?.size === head.frontier.size && first.restored.root === head.root;
}

export function policyAfter(before: number, entries: readonly EntryOutline[]): number {
  return entries.reduce((policy, entry) => (entryKinds[entry.kind].policy ? entry.sequence : policy), before);
}
