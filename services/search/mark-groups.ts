import { markParts, type GroupingMark } from './marks.ts';
import type { SequencedDocument } from './document-marks.ts';
import { SequenceSet } from './sequence-set.ts';

/** By sequence, up to the last of `within`, the first member of its group, of those that are `within`; itself where it has none. */
export function firstOfGroups(within: SequenceSet, groups: Iterable<readonly number[]>): Uint32Array {
  const firsts = new Uint32Array(within.last + 1);
  for (let sequence = 0; sequence < firsts.length; sequence++) firsts[sequence] = sequence;
  for (const group of groups) {
    const members = group.filter((sequence) => within.has(sequence));
    const first = members.reduce((least, sequence) => Math.min(least, sequence), Infinity);
    for (const member of members) firsts[member] = first;
  }
  return firsts;
}

/** The sequences of the documents with each value of a mark. */
export function groupsOf(documents: Iterable<SequencedDocument>, field: GroupingMark): Iterable<readonly number[]> {
  const groups = new Map<string, number[]>();
  for (const [sequence, { marks }] of documents) {
    const mark = marks.find((one) => markParts(one)[0] === field);
    if (mark === undefined) continue;
    const group = groups.get(mark);
    if (group === undefined) groups.set(mark, [sequence]);
    else group.push(sequence);
  }
  return groups.values();
}

/** Those that share their group with another. */
export function groupedIn(firsts: Uint32Array): SequenceSet {
  const grouped = SequenceSet.of();
  for (const [sequence, first] of firsts.entries()) {
    if (first === sequence) continue;
    grouped.add(first);
    grouped.add(sequence);
  }
  return grouped;
}
