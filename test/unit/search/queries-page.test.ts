import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestOf } from '#kernel';
import { parseMessage } from '#message';
import { parseQuery, searchDocument, nothingKnown } from '#search';
import type { FactResolver } from '#search';
import { generateSampleMail, type SampleMail } from '../../../scripts/sample-mail/index.ts';
import { EmbeddedIndex } from '../../../services/search/adapters/embedded-index.ts';
import { captured, factsOf } from '../../contract/search-document.ts';

const page = readFileSync(new URL('../../../services/search/QUERIES.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| `([^`]+)` *\|.*\| *(\d+) \|$/gmu)].map(([, query = '', hits]) => ({
  query,
  hits: Number(hits),
}));

describe('the page for whoever searches says what the program does', () => {
  let index: EmbeddedIndex;
  let facts: FactResolver;

  beforeAll(async () => {
    // One message for each content, with all places where it was seen.
    const seen = Map.groupBy(generateSampleMail(), ({ bytes }) => digestOf(bytes));
    const messages: readonly SampleMail[][] = [...seen.values()];
    index = EmbeddedIndex.open(':memory:');
    const documents = messages.map(([first], sequence) => {
      const bytes = first?.bytes ?? Buffer.alloc(0);
      return captured(sequence, searchDocument(parseMessage(bytes), bytes.length));
    });
    await index.apply({ documents, removed: [], through: documents.length });
    facts = factsOf(
      messages.map((places) => ({
        ...nothingKnown,
        custodians: places.map(({ custodian }) => custodian),
        mailboxes: places.map(({ folder }) => folder),
      })),
    );
  });
  afterAll(async () => index[Symbol.asyncDispose]());

  test('it has examples of every kind', () => {
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter(({ hits }) => hits === 0)).toEqual([]);
  });

  test.each(rows)('$query finds $hits messages of the sample mail', async ({ query, hits }) => {
    expect(await index.count({ query: parseQuery(query), facts })).toMatchObject({ total: hits, complete: true });
  });
});
