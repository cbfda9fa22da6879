import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { asDigest, asSequence, type ParseFlag } from '#kernel';
import type { MessageTrait } from '#message';
import { evaluate, printQuery, nothingKnown } from '#search';
import type { Ast, MessageFacts, SearchDocument, SearchIndex } from '#search';
import { EmbeddedIndex } from '../../../services/search/adapters/embedded-index.ts';
import { MemoryIndex } from '../../../services/search/adapters/memory-index.ts';
import { captured, documentOf, factsOf } from '../../contract/search-document.ts';
import { describeVariant } from '../../describe-variant.ts';
import { passingIndex } from '../../elasticsearch-index.ts';
import { sharedServer } from '../../servers.ts';
import { digests, instants, queries, sizes } from './query.ts';

interface Sample {
  readonly document: SearchDocument;
  readonly facts: MessageFacts;
}

const word = fc.constantFrom(
  'audit',
  'power',
  'Gas',
  'the',
  'or',
  'AND',
  'not',
  '東',
  'कर',
  '2001',
  'x',
  'a東x',
  "x'x",
  '-',
);
const text = fc.array(word, { maxLength: 6 }).map((words) => words.join(' '));
const host = fc.constantFrom('@north.example', '@mail.NORTH.example.', '@xn--bcher-kva.example', '@', '@a b');
const person = fc.record({
  name: text,
  address: fc.oneof(
    word,
    fc.tuple(word, host).map((parts) => parts.join('')),
  ),
});
const people = fc.array(person, { maxLength: 2 });
const attachment = fc.record({
  name: fc.oneof(text, fc.constantFrom('plan.PDF', 'a.b')),
  mediaType: fc.constantFrom('text/plain', 'application/pdf'),
  size: fc.constant(1),
  text,
});

function unreadOf<T extends object>(one: T) {
  return { ...one, text: '', unread: true as const };
}

const sample: fc.Arbitrary<Sample> = fc.record({
  document: fc
    .record({
      subject: text,
      from: people,
      sender: people,
      to: people,
      cc: people,
      bcc: people,
      body: text,
      fields: fc.array(fc.record({ name: fc.constantFrom('x-a', 'x-ab', 'x'), text }), { maxLength: 3 }),
      links: fc.array(text, { maxLength: 2 }),
      attachments: fc.array(fc.oneof(attachment, attachment.map(unreadOf)), { maxLength: 3 }),
      date: fc.option(
        fc.oneof(
          fc.integer({ min: Date.UTC(2001, 9, 4), max: Date.UTC(2001, 9, 7) }),
          fc.constantFrom(Date.UTC(2001, 9, 5), Date.UTC(2001, 9, 6) - 1, 1_833_029_933_770_000, -62_135_596_800_001),
        ),
        { nil: undefined },
      ),
      messageIds: fc.subarray(['1@NORTH.example', "a b'¶c"]),
      inReplyTo: fc.subarray(['1@north.example', '2@north.example']),
      references: fc.subarray(["a b'¶c"]),
      flags: fc.subarray<ParseFlag>(['encrypted', 'text-truncated', 'no-message-id', 'undeclared-8bit']),
      traits: fc.subarray<MessageTrait>(['html', 'signature', 'bounce']),
      size: fc.constantFrom(...sizes),
    })
    .map(({ size, ...parts }) => documentOf(parts, size)),
  facts: fc.record({
    custodians: fc.subarray(['ada', 'Bo', 'bob', 'b o']),
    mailboxes: fc.subarray(['inbox', 'Inbox/sent (old)', 'x/or']),
    sources: fc.subarray(['North', 'import-1']),
    digest: fc.constantFrom(...digests).map(asDigest),
    receivedAt: fc.constantFrom(...instants),
    isHeld: fc.boolean(),
  }),
});

type Open = () => Promise<SearchIndex>;

async function expectAgreement(open: Open, samples: readonly Sample[], asts: readonly Ast[]): Promise<void> {
  await using engine = await open();
  await using memory = new MemoryIndex();
  const documents = samples.map(({ document }, place) => captured(place, document));
  const facts = factsOf(samples.map((one) => one.facts));
  for (const index of [engine, memory]) {
    // In two steps and with a removal, so that the answer comes from more than one segment.
    await index.apply({ documents: documents.slice(0, 3), removed: [], through: 3 });
    await index.apply({ documents: documents.slice(3), removed: [asSequence(1)], through: samples.length });
  }
  for (const query of asts) {
    const expected = [...samples.keys()].filter((place) => {
      const one = samples[place];
      return one !== undefined && place !== 1 && evaluate(query, one.document, one.facts);
    });
    const request = { query, facts };
    expect([printQuery(query), ...(await engine.select(request)).sequences]).toEqual([printQuery(query), ...expected]);
    expect((await engine.count(request)).total).toBe(expected.length);
    expect([...(await memory.select(request)).sequences]).toEqual(expected);
    const dated = await engine.search({ ...request, sort: 'date', limit: 100 });
    expect(dated).toEqual(await memory.search({ ...request, sort: 'date', limit: 100 }));
    const paged = await engine.search({ ...request, sort: 'date', limit: 2 });
    const rest = await engine.search({ ...request, sort: 'date', limit: 100, after: paged.next });
    expect(paged.next === undefined ? paged.hits : [...paged.hits, ...rest.hits]).toEqual(dated.hits);
    const ranked = await engine.search({ ...request, sort: 'relevance', limit: 100 });
    expect(ranked.hits.map((hit) => Number(hit.sequence)).sort((a, b) => a - b)).toEqual(expected);
  }
}

function leaf(token: string): Ast {
  return { kind: 'phrase', field: 'any', terms: [token] };
}

/** A body of so many words, the same seven over and over. */
function letter(length: number): Sample {
  const body = Array.from({ length }, (_, place) => `l${place % 7}`).join(' ');
  return { document: documentOf({ body }), facts: nothingKnown };
}

/** @param runs how many sets of documents are made up; each is asked up to `queriesMax` queries */
function describeAgreement(open: Open, runs: number, queriesMax: number): void {
  test('agree on every generated document and query', async () => {
    const samples = fc.array(sample, { minLength: 1, maxLength: 8 });
    const asked = fc.array(queries, { minLength: queriesMax - 2, maxLength: queriesMax });
    const agree = (some: readonly Sample[], asts: readonly Ast[]) => expectAgreement(open, some, asts);
    await fc.assert(fc.asyncProperty(samples, asked, agree), { numRuns: runs, seed: 40, endOnFailure: true });
  }, 300_000);

  test('agree when a query is as deep and as long as it may be', async () => {
    const one: Sample = {
      document: documentOf({ subject: 'power', body: 'audit gas' }),
      facts: nothingKnown,
    };
    const two: Sample = { document: documentOf({ body: 'power' }), facts: nothingKnown };
    let deep: Ast = leaf('audit');
    for (let level = 0; level < 99; level++) {
      const children = [leaf(level % 3 === 0 ? 'power' : 'nowhere'), deep];
      deep = level % 2 === 0 ? { kind: 'and', children: [leaf('power'), deep] } : { kind: 'or', children };
    }
    let negated: Ast = leaf('audit');
    for (let level = 0; level < 99; level++) negated = { kind: 'not', child: negated };
    const many = Array.from({ length: 2000 }, (_, place) => leaf(`t${place}`));
    const wide: Ast = { kind: 'or', children: [...many.slice(1), leaf('gas')] };
    const all: Ast = {
      kind: 'and',
      children: [leaf('power'), ...many.slice(1).map((child): Ast => ({ kind: 'not', child }))],
    };
    const phrase: Ast = { kind: 'phrase', field: 'any', terms: Array.from({ length: 2000 }, () => 'power') };
    const long: Ast = {
      kind: 'phrase',
      field: 'body',
      terms: Array.from({ length: 40 }, (_, place) => `l${place % 7}`),
    };
    const longer: Ast = {
      kind: 'or',
      children: [
        { kind: 'not', child: long },
        { ...long, field: 'any' },
      ],
    };
    await expectAgreement(
      open,
      [letter(39), letter(40), letter(33), letter(90)],
      [long, { kind: 'not', child: long }, longer],
    );
    await expectAgreement(open, [one, two, two], [deep, negated, wide, all, phrase]);
  });
}

describe('the embedded index and the evaluator', () => {
  describeAgreement(async () => EmbeddedIndex.open(':memory:'), 150, 10);
});

describeVariant('elasticsearch', 'Elasticsearch and the evaluator', () => {
  describeAgreement(async () => passingIndex(await sharedServer('elasticsearch')), 12, 20);
});

describeVariant('elasticsearch', 'Elasticsearch with facts combined here, in many indices, and the evaluator', () => {
  const tight = { sequencesPerIndex: 3, shards: 2, inlineSequencesMax: 0 };
  describeAgreement(async () => passingIndex({ ...(await sharedServer('elasticsearch')), ...tight }), 12, 20);
});
