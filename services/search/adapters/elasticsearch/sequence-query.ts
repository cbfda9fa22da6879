import type { SequenceSet } from '../../sequence-set.ts';
import { anyOf, type EngineQuery } from './leaf-query.ts';

/** Elasticsearch's default bound for one list of terms. */
const TERMS_MAX = 65_536;

/** The messages of a set, by their sequences; undefined when it has more than `sequencesMax`. */
export function sequenceQuery(set: SequenceSet, sequencesMax: number): EngineQuery | undefined {
  if (set.size > sequencesMax) return undefined;
  const lists = sequenceLists(set);
  return lists.length === 0 ? { match_none: {} } : anyOf(lists);
}

/** A query for each part of a set that the engine takes in one list: none of an empty one. */
export function sequenceLists(set: SequenceSet): EngineQuery[] {
  const sequences: number[] = [...set];
  const lists: EngineQuery[] = [];
  for (let from = 0; from < sequences.length; from += TERMS_MAX) {
    lists.push({ terms: { sequence: sequences.slice(from, from + TERMS_MAX) } });
  }
  return lists;
}
