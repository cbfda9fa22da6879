import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { ParsedMessage } from '#message';
import {
  type FactResolver,
  parseQuery,
  type SearchDocument,
  type SearchIndex,
  SequenceSet,
  withRelations,
} from '#search';
import { EmbeddedIndex } from '../../../services/search/adapters/embedded-index.ts';
import { MemoryIndex } from '../../../services/search/adapters/memory-index.ts';
import { address, captured, documentOf, noFacts } from '../../contract/search-document.ts';
import { describeVariant } from '../../describe-variant.ts';
import { passingIndex } from '../../elasticsearch-index.ts';
import { sharedServer } from '../../servers.ts';

const DAY = 24 * 60 * 60 * 1000;

/** `digest:` and `thread:` with the digits of a sequence are about this capture. */
const facts: FactResolver = { ...noFacts, digest: (value) => SequenceSet.of([Number.parseInt(value, 16)]) };

function thread(sequence: number): string {
  return `thread:${sequence.toString(16).padStart(8, '0')}`;
}

async function filled(index: SearchIndex, documents: readonly SearchDocument[]): Promise<SearchIndex> {
  const captures = documents.map((document, sequence) => captured(sequence, document));
  await index.apply({ documents: captures, removed: [], through: documents.length });
  return index;
}

async function found(index: SearchIndex, query: string, asOf?: number): Promise<number[]> {
  const request = await withRelations(index, { query: parseQuery(query), facts, asOf });
  return [...(await index.select(request)).sequences];
}

interface Letter {
  readonly subject: string;
  readonly people: string;
  readonly day?: number | undefined;
  readonly ids?: string;
  readonly names?: string;
  readonly body?: string;
}

/** `people`: letters, the sender first; `ids`: its own Message-IDs, `names`: those that it refers to. */
function letter({ subject, people, day, ids = '', names = '', body = '' }: Letter): SearchDocument {
  const [from = [], ...to] = Array.from(people, (one) => [address(`${one} <${one}@t.example>`)]);
  const parsed: Partial<ParsedMessage> = {
    subject,
    from,
    to: to.flat(),
    date: day === undefined ? undefined : Date.UTC(2001, 0, 1) + day * DAY,
    messageIds: Array.from(ids),
    references: Array.from(names),
    body,
  };
  return documentOf(parsed);
}

async function threadsOf(letters: readonly Letter[]): Promise<string[]> {
  await using index = await filled(new MemoryIndex(), letters.map(letter));
  const all: string[] = [];
  for (const sequence of letters.keys()) all.push((await found(index, thread(sequence))).join());
  return all;
}

describe('a thread', () => {
  test('goes along references, wherever they stop and whichever message is named', async () => {
    const letters = [
      { subject: 'plan', people: 'ab', ids: 'A' },
      { subject: 'other words', people: 'cd', ids: 'B', names: 'A' },
      { subject: 'plan', people: 'ef', ids: 'C', names: 'B' },
      // Refers to a letter that nobody has, and so does the next one.
      { subject: 'x', people: 'gh', ids: 'D', names: 'AZ' },
      { subject: 'y', people: 'ij', ids: 'E', names: 'Z' },
      { subject: 'plan', people: 'ab', ids: 'F' },
    ];
    const whole = '0,1,2,3,4';
    expect(await threadsOf(letters)).toEqual([whole, whole, whole, whole, whole, '5']);
  });

  test('ends where references go in circles, name themselves, or name everything', async () => {
    const names = Array.from({ length: 3000 }, (_, place) => String.fromCharCode(0x4e00 + place)).join('');
    const letters = [
      { subject: 'x', people: 'ab', ids: 'A', names: 'B' },
      { subject: 'x', people: 'ab', ids: 'B', names: 'A' },
      { subject: 'x', people: 'ab', ids: 'C', names: 'C' },
      { subject: 'x', people: 'ab', ids: 'D', names },
      { subject: 'x', people: 'ab', ids: '一', names: '' },
    ];
    expect(await threadsOf(letters)).toEqual(['0,1', '0,1', '2', '3,4', '3,4']);
  });

  test('without references is that of an answer: topic, somebody in common, no more than thirty days', async () => {
    const letters = [
      { subject: 'Gas price', people: 'ab', day: 0 },
      { subject: 'RE: gas price', people: 'ba', day: 30 },
      { subject: 'Fwd: Re: Gas price', people: 'cb', day: 59 },
      // Of strangers, too late, of another topic, and no answer at all.
      { subject: 'Re: gas price', people: 'xy', day: 1 },
      { subject: 'Re: gas price', people: 'ab', day: 90 },
      { subject: 'Re: gas prices', people: 'ab', day: 1 },
      { subject: 'Gas price', people: 'ab', day: 92 },
      { subject: 'Gas price', people: 'pq', day: 1 },
      { subject: 'Gas price', people: 'pq', day: 2 },
    ];
    expect(await threadsOf(letters)).toEqual(['0,1,2', '0,1,2', '0,1,2', '3', '4,6', '5', '4,6', '7', '8']);
  });

  test('takes an answer without references to one that has them, and no answer away from the message that it names', async () => {
    const letters = [
      { subject: 'Gas', people: 'ab', day: 0, ids: 'A' },
      { subject: 'Re: Gas', people: 'ba', day: 1, ids: 'B', names: 'A' },
      { subject: 'Re: Gas', people: 'ca', day: 2, ids: 'C' },
      { subject: 'Re: Gas', people: 'ad', day: 3, ids: 'D', names: 'X' },
      { subject: 'Re: Gas', people: 'ea', day: 40, names: 'Y' },
    ];
    expect(await threadsOf(letters)).toEqual(['0,1,2,3', '0,1,2,3', '0,1,2,3', '0,1,2,3', '4']);
  });

  test('has the copies of its messages, and is that of its moment', async () => {
    const letters = [
      { subject: 'Gas', people: 'ab', day: 0, ids: 'A', body: 'one' },
      { subject: 'Gas', people: 'ab', day: 0, ids: 'B', body: 'o ne' },
      { subject: 'Gas', people: 'ab', day: 0, ids: 'C', body: 'two' },
      { subject: '', people: 'cd', day: 9, names: 'B' },
    ];
    await using index = await filled(new MemoryIndex(), letters.map(letter));
    expect(await found(index, thread(3))).toEqual([0, 1, 3]);
    expect(await found(index, thread(0), 2)).toEqual([0, 1]);
    expect(await found(index, thread(3), 2)).toEqual([]);
    expect(await found(index, `${thread(0)} -subject:gas OR ${thread(2)}`)).toEqual([2, 3]);
    expect(await found(index, 'is:duplicate')).toEqual([0, 1]);
    expect(await found(index, 'is:duplicate', 0)).toEqual([]);
    expect(await found(index, 'gas NOT is:duplicate')).toEqual([2]);
  });

  test('of ten thousand strangers who all answer "hi" is that of each alone (invariant 33)', async () => {
    const to = (place: number) => [address(`p${place}@t.example`)];
    const documents = Array.from({ length: 10_000 }, (_, place) =>
      documentOf({ subject: 'Re: hi', from: to(place), to: to(place + 20_000), date: place * 1000 }),
    );
    documents.push(documentOf({ subject: 'hi', from: to(20_007), to: to(7), date: 5 * DAY }));
    await using index = await filled(EmbeddedIndex.open(':memory:'), documents);
    expect(await found(index, thread(7))).toEqual([7, 10_000]);
    expect(await found(index, thread(8))).toEqual([8]);
  });

  test('that has no end is refused, not cut (invariant 28)', async () => {
    const documents = Array.from({ length: 20_001 }, () => documentOf({ references: ['hub@x'] }));
    await using index = await filled(EmbeddedIndex.open(':memory:'), documents);
    const fault = expect.objectContaining({ code: 'query-too-costly' });
    await expect(found(index, thread(0))).rejects.toEqual(fault);
    const request = { query: parseQuery(thread(0)), facts };
    await expect(withRelations(index, request, { milliseconds: 0 })).rejects.toEqual(fault);
  });

  test('of which the index has not everything is refused', async () => {
    await using index = await filled(new MemoryIndex(), [letter({ subject: 'x', people: 'ab', ids: 'A' })]);
    await expect(found(index, thread(0), 1)).rejects.toEqual(expect.objectContaining({ code: 'index-unavailable' }));
  });
});

const someLetter: fc.Arbitrary<Letter> = fc.record({
  subject: fc.constantFrom('Gas', 'Re: gas', 'Re: gas', 'Fwd: power', 'power', ''),
  people: fc.constantFrom('ab', 'ba', 'bc', 'cd', 'a', 'dea'),
  day: fc.constantFrom(0, 0, 20, 30, 31, 60, undefined),
  ids: fc.constantFrom('', 'A', 'B', 'C', 'AD'),
  names: fc.constantFrom('', '', '', 'A', 'BC', 'E', 'EF'),
  body: fc.constantFrom('', 'x'),
});

/** What `thread-graph.ts` says, of each pair of letters. */
function areTied(a: Letter, b: Letter): boolean {
  const idsOf = ({ ids = '', names = '' }: Letter) => Array.from(ids + names);
  if (idsOf(a).some((id) => idsOf(b).includes(id))) return true;
  if (a.day === undefined || b.day === undefined) return false;
  if (areCopies(a, b)) return true;
  const topicOf = ({ subject }: Letter) => subject.replace(/^\w+: /u, '').toLowerCase();
  const isLoose = ({ subject, names }: Letter) => subject.includes(':') && names === '';
  const isNear = Math.abs(a.day - b.day) <= 30 && Array.from(a.people).some((one) => b.people.includes(one));
  return isNear && topicOf(a) === topicOf(b) && topicOf(a) !== '' && (isLoose(a) || isLoose(b));
}

function areCopies(a: Letter, b: Letter): boolean {
  const compared = ({ subject, people, day, body }: Letter) =>
    [subject, people[0], Array.from(people.slice(1)).sort().join(''), day, body].join();
  return a.day !== undefined && compared(a) === compared(b);
}

function closure(letters: readonly Letter[], seed: number): number[] {
  const members = new Set([seed]);
  for (const member of members) {
    for (const [place, one] of letters.entries()) if (areTied(letters[member] ?? one, one)) members.add(place);
  }
  return [...members].sort((a, b) => a - b);
}

function describeRelations(open: () => Promise<SearchIndex>, runs: number): void {
  test('threads and duplicates of generated mail are those of each pair of messages', async () => {
    const check = async (letters: readonly Letter[]) => {
      await using index = await filled(await open(), letters.map(letter));
      for (const seed of letters.keys())
        expect([seed, ...(await found(index, thread(seed)))]).toEqual([seed, ...closure(letters, seed)]);
      const duplicates = [...letters.keys()].filter((place) =>
        letters.some((one, other) => other !== place && areCopies(one, letters[place] ?? one)),
      );
      expect(await found(index, 'is:duplicate')).toEqual(duplicates);
    };
    const generated = fc.array(someLetter, { minLength: 1, maxLength: 9 });
    await fc.assert(fc.asyncProperty(generated, check), { numRuns: runs, seed: 41, endOnFailure: true });
  }, 300_000);
}

describe('in memory', () => describeRelations(async () => new MemoryIndex(), 200));

describe('in the embedded index', () => describeRelations(async () => EmbeddedIndex.open(':memory:'), 100));

describeVariant('elasticsearch', 'in Elasticsearch', () => {
  describeRelations(async () => passingIndex(await sharedServer('elasticsearch')), 8);
});
