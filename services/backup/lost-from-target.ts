import type { BlobStore } from '#archive';
import { asSequence, inGroups, type Sequence } from '#kernel';
import type { LedgerStore } from '#ledger';
import { absentFrom, copiedTogether, type MessageToCopy } from './copy-messages.ts';
import { type CopyOptions, goOnUnlessAborted } from './copy-progress.ts';

/**
 * Those that the target does not have. Asks its storage for each, which looks at the head of what it stored, and reads no
 * message.
 * @throws BackupFault `target-damaged`, `interrupted`
 */
export async function* lostMessages(
  messages: Iterable<MessageToCopy>,
  target: BlobStore,
  { signal }: CopyOptions,
): AsyncGenerator<MessageToCopy> {
  for await (const chunk of inGroups(messages, copiedTogether)) {
    goOnUnlessAborted(signal);
    yield* await absentFrom(target, chunk);
  }
}

/**
 * Where batches before `end` begin that the target lacks, or whose sidecar it lacks, ascending. Compares names: one listing
 * of each side.
 */
export async function lostBatches(from: LedgerStore, target: LedgerStore, end: number): Promise<readonly Sequence[]> {
  const lost = new Set<Sequence>();
  const [batches, sidecars] = [await allOf(target.list(asSequence(0))), await allOf(target.listSidecars())];
  for await (const first of from.list(asSequence(0))) if (first < end && !batches.has(first)) lost.add(first);
  for await (const name of from.listSidecars()) {
    const first = asSequence(Number.parseInt(name.slice(0, 16), 16));
    if (first < end && !sidecars.has(name)) lost.add(first);
  }
  return [...lost].sort((a, b) => a - b);
}

async function allOf<One>(ones: AsyncIterable<One>): Promise<ReadonlySet<One>> {
  const all = new Set<One>();
  for await (const one of ones) all.add(one);
  return all;
}
