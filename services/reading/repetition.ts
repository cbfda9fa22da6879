import type { Digest, Sequence } from '#kernel';
import type { Catalog, MessageRecord } from '#catalog';
import { analyzerVersion, type Ast, type Selection, SequenceSet, setDigest } from '#search';
import { type Certificate, certificateOf } from './certificate.ts';
import { astDigest, type SearchEntry } from './search-entry.ts';

/**
 * `same`: exactly the messages of then. `different`: others, or fewer, or more. `same-number`: as many, and which they were was
 * not recorded.
 */
export type RepetitionResult = 'same' | 'different' | 'same-number';

/** Why a repetition may find something else. */
export type RepetitionReason =
  | 'destroyed-since'
  /** The index is made by another version of the analyzer. */
  | 'analyzer-changed'
  /** This version of the program takes the query for another. */
  | 'query-understood-otherwise'
  | 'incomplete';

/** A message that only one of the two searches found. */
export interface Difference {
  readonly sequence: Sequence;
  readonly digest: Digest;
  /** What it was destroyed by, or is being; null where it is archived. */
  readonly certificate: Certificate | null;
}

export interface Repetition {
  /** The entry of the search that was repeated, and its order. */
  readonly search: Sequence;
  readonly query: string;
  readonly asOf: number;
  readonly complete: boolean;
  /** How many were found then, and are found now. */
  readonly recorded: number;
  readonly total: number;
  /** `setDigest` of then, undefined where it was not recorded, and of now. */
  readonly recordedSet: Digest | undefined;
  readonly set: Digest;
  readonly result: RepetitionResult;
  readonly reasons: readonly RepetitionReason[];
  /** How many of what was captured up to `asOf` were destroyed after the search, whether or not it found them. */
  readonly destroyedSince: number;
  /** Found then and not now, and the reverse. */
  readonly missing: readonly Difference[];
  readonly additional: readonly Difference[];
  /** Whether those are all: of more than 10,000 messages it was not recorded which they were. */
  readonly named: boolean;
}

/** Compares what a search found, by its entry, with what it finds now as of the same sequence. */
export function compared(catalog: Catalog, entry: SearchEntry, ast: Ast, now: Selection): Repetition {
  const aside = entry.aside === 'erased' ? undefined : entry.aside;
  const destroyed = destroyedSince(catalog, entry);
  const set = setDigest(now.sequences);
  const then = thenFound(entry, set, now.sequences, destroyed);
  const total = now.sequences.size;
  const missing = then === undefined ? [] : differences(catalog, then.minus(now.sequences));
  const additional = then === undefined ? [] : differences(catalog, now.sequences.minus(then));
  const reasons: [RepetitionReason, boolean][] = [
    ['destroyed-since', destroyed.size > 0],
    ['analyzer-changed', entry.analyzer !== undefined && entry.analyzer !== analyzerVersion],
    ['query-understood-otherwise', aside?.ast !== undefined && aside.ast !== astDigest(ast)],
    ['incomplete', !now.complete],
  ];
  return {
    search: entry.sequence,
    query: aside?.query ?? '',
    asOf: now.asOf,
    complete: now.complete,
    recorded: entry.total,
    total,
    recordedSet: entry.set,
    set,
    result: resultOf(entry, set, total),
    reasons: reasons.filter(([, holds]) => holds).map(([reason]) => reason),
    destroyedSince: destroyed.size,
    missing,
    additional,
    named: then !== undefined,
  };
}

function resultOf(entry: SearchEntry, set: Digest, total: number): RepetitionResult {
  if (entry.set !== undefined) return entry.set === set ? 'same' : 'different';
  return entry.total === total ? 'same-number' : 'different';
}

/** What the search found: as it was listed, or where that can be known from what is found now. */
function thenFound(
  { aside, set: recorded }: SearchEntry,
  set: Digest,
  now: SequenceSet,
  destroyed: SequenceSet,
): SequenceSet | undefined {
  if (aside !== 'erased' && aside.hits !== undefined) return SequenceSet.of(aside.hits);
  if (recorded === set) return now;
  const withDestroyed = now.or(destroyed);
  return recorded === setDigest(withDestroyed) ? withDestroyed : undefined;
}

function destroyedSince({ dispositions }: Catalog, { sequence, asOf }: SearchEntry): SequenceSet {
  const set = SequenceSet.of();
  for (const { message } of dispositions.all(sequence + 1)) if (message <= asOf) set.add(message);
  return set;
}

function differences(catalog: Catalog, set: SequenceSet): Difference[] {
  return [...set].flatMap((sequence) => {
    const message = catalog.messages.bySequence(sequence);
    return message === undefined
      ? []
      : [{ sequence, digest: message.digest, certificate: destroyedBy(catalog, message) }];
  });
}

function destroyedBy({ dispositions }: Catalog, { state, sequence }: MessageRecord): Certificate | null {
  return state === 'archived' ? null : certificateOf(dispositions.ofMessage(sequence));
}
