import type { Digest, Sequence } from '#kernel';

export type AppendOutcome =
  | { readonly outcome: 'appended'; readonly sequences: readonly Sequence[] }
  /** Nothing was written: something is newer than what the drafts were judged by. `policy`: the last policy entry now. */
  | { readonly outcome: 'stale'; readonly policy: number };

/** What drafts were judged by: they are not written once something newer is there. */
export interface Judged {
  /** The last policy entry that was considered. */
  readonly policy?: number;
  /** How many entries were considered, for a judgement that any entry can change. */
  readonly size?: number;
  /** Of the entries after `size`, only policy and what may speak of this message change the judgement: a disposal. */
  readonly about?: Digest;
}

/** The end of the ledger, as far as judgements go. */
export interface Judgeable {
  /** The last policy entry. */
  readonly policy: number;
  readonly size: number;
  /** Whether an entry from `since` on speaks of the message, or may: true where nobody can tell. */
  readonly mentions: (digest: Digest, since: number) => boolean;
}

/** Whether drafts judged so may no longer be written at this end of the ledger. */
export function isStale({ about, policy, size }: Judged, end: Judgeable): boolean {
  if (policy !== undefined && end.policy > policy) return true;
  if (size === undefined || end.size <= size) return false;
  return about === undefined || end.policy >= size || end.mentions(about, size);
}

/** Whether bytes of the ledger speak of a message by its digest; or by its sequence, which is not looked up here. */
export function mayMention(bytes: Buffer | string, digest: Digest): boolean {
  return bytes.includes(digest) || bytes.includes('"hold-applied"');
}
