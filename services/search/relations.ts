import type { Digest } from '#kernel';
import { type FactNode, factsIn } from './ast.ts';
import { groupedIn } from './mark-groups.ts';
import { patienceOf, type QueryLimits } from './patience.ts';
import type { FactResolver, SearchIndex, SelectRequest } from './search-index.ts';
import { SequenceSet } from './sequence-set.ts';
import { findThreads, type ThreadScope } from './thread-search.ts';

/** Whether a condition is one on how messages stand to each other. */
export function isRelation({ field, value }: FactNode): boolean {
  return field === 'thread' || (field === 'is' && value === 'duplicate');
}

/**
 * A request whose facts know also what `thread:` and `is:duplicate` are true of, at its moment: found once, before the query runs, so
 * that every engine gives the same. Whoever asks an index what a person wrote asks by this.
 * @param limits as for the query itself
 * @throws SearchFault `query-too-costly`, `index-unavailable`, where not all of it can be told
 */
export async function withRelations<Request extends SelectRequest>(
  index: SearchIndex,
  request: Request,
  limits?: QueryLimits,
): Promise<Request> {
  const relations = factsIn(request.query).filter(isRelation);
  if (relations.length === 0) return request;
  const { facts } = request;
  const asOf = request.asOf ?? (await index.position()) - 1;
  const scope: ThreadScope = { index, facts, asOf, limits, patience: patienceOf(limits) };
  const threads = new Map<string, SequenceSet>();
  for (const { field, value } of relations) {
    if (field === 'thread' && !threads.has(value)) threads.set(value, await membersOf(scope, facts.digest(value)));
  }
  const duplicates = relations.some(({ field }) => field === 'is') ? await duplicatesAsOf(index, asOf) : undefined;
  const resolved = {
    ...facts,
    thread: (value: string) => threads.get(value) ?? facts.thread(value),
    is: (value: string) => (value === 'duplicate' && duplicates !== undefined ? duplicates : facts.is(value)),
  };
  return { ...request, asOf, facts: resolved };
}

export interface Thread {
  /** Of the message that was captured first: `thread:` with it finds all of them. */
  readonly digest: Digest;
  readonly members: SequenceSet;
}

/**
 * The threads of some messages, whole, as of a moment.
 * @throws SearchFault `query-too-costly`, `index-unavailable`, where not all of it can be told
 */
export async function threadsOf(
  index: SearchIndex,
  messages: SequenceSet,
  { facts, asOf }: { readonly facts: FactResolver; readonly asOf: number },
  limits?: QueryLimits,
): Promise<readonly Thread[]> {
  const threads = await findThreads({ index, facts, asOf, limits, patience: patienceOf(limits) }, messages);
  return threads.map((some) => {
    const first = some.reduce((a, b) => (a.sequence < b.sequence ? a : b));
    return { digest: first.digest, members: SequenceSet.of(some.map(({ sequence }) => sequence)) };
  });
}

async function membersOf(scope: ThreadScope, seeds: SequenceSet): Promise<SequenceSet> {
  const threads = await findThreads(scope, seeds.below(scope.asOf + 1));
  return SequenceSet.of(threads.flat().map(({ sequence }) => sequence));
}

async function duplicatesAsOf(index: SearchIndex, asOf: number): Promise<SequenceSet> {
  return groupedIn(await index.firstOfSame('fingerprint', SequenceSet.below(asOf + 1)));
}
