import type { SequenceSet } from '../../sequence-set.ts';
import { anyOf, type EngineQuery } from './leaf-query.ts';

/** Elasticsearch's default bound for one list of terms. */
const TERMS_MAX = 65_536;

/** The messages of a set, by their sequences; undefined when it has more than `sequencesMax`. */
export function sequenceQuery(set: SequenceSet, sequencesMax: number): EngineQuery | undefined {
  if (set.size > sequencesMax) return undefined;
  const sequences: number[] = [...set];
  if (sequences.length === 0) return { match_none: {} };
  const lists: EngineQuery[] = [];
  for (let from = 0; from < sequences.length; from += TERMS_MAX) {
    lists.push({ terms: { sequence: sequences.slice(from, from + TERMS_MAX) } });
  }
  return anyOf(lists);
}
