import { hash } from 'node:crypto';
import { asSequence, type Sequence } from '#kernel';
import { type BatchFooter, type BatchHeader, isTooLong, signedBatch, unsignedBatch } from './batch-file.ts';
import { type CheckedDraft, draftedEntry, entryLine } from './entry-codec.ts';
import { type Head, hexOf, keyAfter, keyOf, leafHashesOf, policyAfter } from './head.ts';
import type { LedgerBatch } from './ledger-batch.ts';
import { LedgerFault } from './ledger-fault.ts';
import { packSidecar, sidecarName } from './sidecar.ts';
import type { Signer } from './signer.ts';

/** Entries of one batch at most; bytes of their lines and sidecar lines together. */
export const batchEntriesMax = 4096;
export const batchBytesMax = 8 * 1024 * 1024;

/** A batch that is ready to be written at the end of `before`, and what is true once it is. */
export interface Proposal {
  readonly first: Sequence;
  readonly batchId: string;
  readonly bytes: Buffer;
  readonly sidecar?: { readonly name: string; readonly bytes: Buffer };
  readonly batch: LedgerBatch;
  readonly after: Head;
}

/** Time of the next batch: the clock's, but never less than the newest batch's. */
export function nextTime(head: Head, now: number): number {
  return Math.max(Math.trunc(now), head.time);
}

/** @throws LedgerFault `too-large` */
export function linesOf(drafts: readonly CheckedDraft[], time: number): readonly string[] {
  return drafts.map((draft) => {
    const line = entryLine(draft, time);
    if (isTooLong(line)) throw tooLarge(`a ${draft.kind} entry has more than 65,535 bytes`);
    return line;
  });
}

export function tooLarge(problem: string): LedgerFault {
  return new LedgerFault('too-large', problem, { remedy: 'Divide it into several entries or several calls.' });
}

export async function propose(
  head: Head,
  content: { readonly drafts: readonly CheckedDraft[]; readonly lines: readonly string[]; readonly time: number },
  signer: Signer,
  batchId: string,
): Promise<Proposal> {
  const { drafts, lines, time } = content;
  const first = head.frontier.size;
  const entries = drafts.map((draft, i) => draftedEntry(draft, first + i, time));
  const leafHashes = leafHashesOf(lines);
  const sidecar = sidecarOf(drafts);
  const epoch = entries[0]?.kind === 'epoch' ? entries[0].number : head.epoch;
  const after: Head = {
    ...advanced(head, leafHashes),
    policy: policyAfter(head.policy, entries),
    time,
    epoch,
    key: keyAfter(entries[0], head.key),
  };
  const header: BatchHeader = {
    batch: batchId,
    entries: lines.length,
    epoch,
    first,
    format: 1,
    keySince: keyOf(entries[0], head.key).since,
    policy: head.policy,
    previousRoot: head.root,
    sidecar: sidecar === undefined ? null : hash('sha256', sidecar, 'hex'),
    time,
  };
  const unsigned = unsignedBatch(header, lines, footerOf(after));
  return {
    first: asSequence(first),
    batchId,
    bytes: signedBatch(unsigned, signer.keyId, await signer.sign(unsigned)),
    ...(sidecar === undefined ? {} : { sidecar: { name: sidecarName(first, batchId), bytes: sidecar } }),
    batch: { first: asSequence(first), batchId, time, entries, leafHashes },
    after,
  };
}

function advanced(head: Head, leafHashes: readonly Uint8Array[]): Pick<Head, 'frontier' | 'root'> {
  const frontier = head.frontier.append(leafHashes);
  return { frontier, root: hexOf(frontier.root()) };
}

function footerOf({ frontier, policy, root }: Head): BatchFooter {
  return { frontier: frontier.hashes.map((each) => hexOf(each)), policy, root, size: frontier.size };
}

function sidecarOf(drafts: readonly CheckedDraft[]): Buffer | undefined {
  const lines = drafts.flatMap(({ asideLine }) => asideLine ?? []);
  return lines.length === 0 ? undefined : packSidecar(lines);
}
