import { asSequence, type Sequence } from '#kernel';
import type { CommittedBatch } from './committed-batch.ts';
import { type CheckedDraft, entryLine } from './entry-codec.ts';
import { hexOf } from './head.ts';
import { leafHash } from './tree.ts';

/** Where each leaf of a batch lies in it: many calls are looked for in the same batch. */
const leavesOf = new WeakMap<CommittedBatch, ReadonlyMap<string, number>>();

/**
 * The sequences of a call in this batch, or undefined when it is not in. A batch's time is part of each of its leaves, so
 * the call's line is made anew for it; that it has a salt makes the leaf the call's own.
 */
export function sequencesIn(batch: CommittedBatch, drafts: readonly CheckedDraft[]): readonly Sequence[] | undefined {
  const salted = drafts.findIndex(({ asideHash }) => asideHash !== undefined);
  const draft = drafts[salted];
  if (draft === undefined) return undefined;
  const index = leaves(batch).get(hexOf(leafHash(entryLine(draft, batch.time))));
  if (index === undefined) return undefined;
  return drafts.map((_, i) => asSequence(batch.first + index - salted + i));
}

function leaves(batch: CommittedBatch): ReadonlyMap<string, number> {
  const known = leavesOf.get(batch);
  if (known !== undefined) return known;
  const made = new Map(batch.leafHashes.map((hash, index) => [hexOf(hash), index] as const));
  leavesOf.set(batch, made);
  return made;
}
