import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseMessage } from '#message';
import { evaluate, parseQuery, searchDocument, nothingKnown } from '#search';
import type { FactResolver, MessageFacts, SearchDocument, SearchIndex } from '#search';
import { EmbeddedIndex } from '../../../services/search/adapters/embedded-index.ts';
import { captured, factsOf } from '../../contract/search-document.ts';
import { corpus } from '../../corpora.ts';
import { describeVariant } from '../../describe-variant.ts';
import { passingIndex } from '../../elasticsearch-index.ts';
import { sharedServer } from '../../servers.ts';

interface Mail {
  readonly document: SearchDocument;
  readonly facts: MessageFacts;
}

/** Every message below the folder, with its first folder as custodian and the rest of its path as mailbox. */
function mailBelow(root: string): Mail[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.eml'))
    .sort()
    .map((path) => {
      const bytes = readFileSync(join(root, path));
      const [custodian = '', ...rest] = path.split('/').slice(-3);
      const facts = { ...nothingKnown, custodians: [custodian], mailboxes: [rest.slice(0, -1).join('/')] };
      return { document: searchDocument(parseMessage(bytes), bytes.length), facts };
    });
}

function describeRealMail(open: () => Promise<SearchIndex>): void {
  let index: SearchIndex;
  let mails: Mail[] = [];
  let facts: FactResolver;

  beforeAll(async () => {
    index = await open();
    mails = mailBelow((await corpus('demo-small')) ?? '');
    const documents = mails.map(({ document }, place) => captured(place, document));
    for (let at = 0; at < documents.length; at += 256) {
      const some = documents.slice(at, at + 256);
      await index.apply({ documents: some, removed: [], through: at + some.length });
    }
    facts = factsOf(mails.map((mail) => mail.facts));
  });

  afterAll(async () => index[Symbol.asyncDispose]());

  test('every message is in it, and it is sound', async () => {
    expect(mails).toHaveLength(1939);
    expect((await index.sequences()).size).toBe(1939);
    expect(await index.check()).toEqual([]);
  });

  test.each([
    'meeting',
    'the',
    '"please let me know"',
    '"thank you" OR thanks',
    'energy AND (price OR market) -newsletter',
    'subject:re',
    'from:enron.com NOT to:enron.com',
    'subject:(meeting OR agenda) body:(monday OR friday)',
    'has:attachment',
    'has:attachment AND NOT (doc OR xls)',
    'date:2001-10',
    'date:2001-05..2001-10-15 contract',
    'NOT date:1990..2010',
    'mailbox:sent OR mailbox:"sent items"',
    'custodian:a* deal',
    '-the -to -a',
  ])('%s gives exactly the messages that it is true of', async (text) => {
    const query = parseQuery(text);
    const expected = [...mails.entries()].filter(([, { document, facts: known }]) => evaluate(query, document, known));
    const { sequences, complete } = await index.select({ query, facts });
    expect(complete).toBe(true);
    expect([...sequences]).toEqual(expected.map(([place]) => place));
    expect((await index.count({ query, facts })).total).toBe(expected.length);
    expect(expected.length).toBeGreaterThan(0);
  });
}

describeVariant('corpora', 'the embedded index over real mail', () => {
  describeRealMail(async () => EmbeddedIndex.open(':memory:'));
});

describeVariant('corpora', 'Elasticsearch over real mail', () => {
  describeVariant('elasticsearch', 'as one index', () => {
    describeRealMail(async () => passingIndex(await sharedServer('elasticsearch')));
  });
});
