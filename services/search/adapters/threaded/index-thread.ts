import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '#kernel';
import type { PolledLimits } from '../../patience.ts';
import { SearchFault } from '../../search-fault.ts';
import type { IndexComparison } from '../../search-index.ts';
import { SequenceSet } from '../../sequence-set.ts';
import { EmbeddedIndex } from '../embedded-index.ts';
import {
  type BareCall,
  type CompareCall,
  type IndexAnswer,
  type IndexCall,
  type MarksCall,
  type QueryCall,
  resolverOf,
  sent,
  type SentFault,
  type SentLimits,
} from './index-call.ts';

/** The thread that has the index open: one call after another, in the order in which they came. */
const index = EmbeddedIndex.open(String((workerData as { file: unknown }).file));

const comparisons = new Map<number, IndexComparison>();

function answer(call: IndexCall): Promise<unknown> {
  if ('request' in call) return answerQuery(call);
  if ('id' in call) return compare(call);
  if ('change' in call) return index.apply(call.change);
  if ('sequences' in call) return index.lacking(call.sequences);
  if ('sequence' in call) return index.document(call.sequence);
  if ('words' in call) return answerMarks(call);
  return answerBare(call);
}

function answerMarks(call: MarksCall): Promise<unknown> {
  const within = SequenceSet.fromWords(call.words);
  return call.method === 'markCounts' ? index.markCounts(call.field, within) : index.firstOfSame(call.field, within);
}

function answerBare({ method }: BareCall): Promise<unknown> {
  switch (method) {
    case 'position':
      return index.position();
    case 'check':
      return index.check();
    case 'sequences':
      return index.sequences().then((set) => set.words);
    case 'dates':
      return index.dates();
    case 'removed':
      return index.removed();
    case 'close':
      return index[Symbol.asyncDispose]();
  }
}

function answerQuery(call: QueryCall): Promise<unknown> {
  const limits = call.limits && polled(call.limits);
  switch (call.method) {
    case 'search':
      return index.search({ ...call.request, facts: resolverOf(call.request.facts) }, limits).then(sent);
    case 'count':
      return index.count({ ...call.request, facts: resolverOf(call.request.facts) }, limits).then(sent);
    case 'select':
      return index.select({ ...call.request, facts: resolverOf(call.request.facts) }, limits).then(sent);
  }
}

function polled({ milliseconds, isOff }: SentLimits): PolledLimits {
  const throwIfAborted = () => {
    if (Atomics.load(isOff, 0) !== 0) throw new Error('the query was called off');
  };
  return { milliseconds, signal: { throwIfAborted } };
}

async function compare(call: CompareCall): Promise<unknown> {
  switch (call.method) {
    case 'compare':
      comparisons.set(call.id, await index.comparison(call.from, call.to));
      return undefined;
    case 'differing':
      return begun(call.id).differing(call.documents);
    case 'compared':
      return comparisons.delete(call.id);
  }
}

/** @throws SearchFault `index-unavailable` where it was begun by a thread that died */
function begun(id: number): IndexComparison {
  const comparison = comparisons.get(id);
  if (comparison !== undefined) return comparison;
  throw new SearchFault('index-unavailable', 'the search index stopped while it was compared', {
    remedy: 'Run the command again.',
  });
}

function faultOf(thrown: unknown): SentFault {
  if (!(thrown instanceof SearchFault)) return { code: undefined, message: messageOf(thrown), remedy: '', facts: {} };
  const { code, message, remedy, facts } = thrown;
  return { code, message, remedy, facts };
}

let last: Promise<void> = Promise.resolve();

parentPort?.on('message', ({ id, call }: { id: number; call: IndexCall }) => {
  last = last
    .then(() => answer(call))
    .then(
      (result): IndexAnswer => ({ id, result }),
      (thrown: unknown): IndexAnswer => ({ id, fault: faultOf(thrown) }),
    )
    .then((reply) => parentPort?.postMessage(reply));
});
