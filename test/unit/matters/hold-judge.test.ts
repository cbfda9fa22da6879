import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Catalog } from '#catalog';
import { HoldJudge, isUnjudged, widest } from '#matters';
import { type Ast, evaluate, parseQuery, nothingKnown } from '#search';
import { documentOf } from '../../contract/search-document.ts';
import { foldedFrom, holdPlaced } from '../catalog/entries.ts';

const facts = { ...nothingKnown, custodians: ['ada'], mailboxes: ['inbox'] };
const readable = documentOf({ subject: 'pear', body: 'a plum' });
const unreadable = documentOf({ subject: 'pear', flags: ['encrypted'] });

describe('what nobody could read', () => {
  test.each([
    'parse-failed',
    'parse-timeout',
    'header-truncated',
    'parts-truncated',
    'text-truncated',
    'message-truncated',
    'encrypted',
    'bad-encoding',
    'ambiguous-structure',
    'unreadable-text',
  ])('is known by the flag %s', (flag) => expect(isUnjudged(['other', flag])).toBe(true));

  test('is not what was read in full, or only written unusually', () => {
    expect(isUnjudged([])).toBe(false);
    expect(isUnjudged(['undeclared-8bit', 'nul-bytes', 'no-message-id'])).toBe(false);
  });

  test.each([
    ['apple', true],
    ['NOT apple', true],
    ['NOT (apple OR NOT pear)', true],
    ['apple AND NOT apple', true],
    ['apple custodian:ada', true],
    ['apple custodian:ben', false],
    ['NOT apple AND NOT custodian:ada', false],
    ['NOT (apple AND custodian:ada)', true],
    ['NOT (apple OR custodian:ada)', false],
    ['date:2001', true],
    ['has:attachment mailbox:inbox', true],
    ['size:1000', true],
    ['apple size:>1kb', false],
    ['NOT size:..1kb', false],
    ['custodian:ben OR subject:x', true],
  ])('meets "%s": %s, whatever it says; who and where count as they are', (query, expected) => {
    expect(evaluate(widest(parseQuery(query)), unreadable, facts)).toBe(expected);
  });

  test('is matched by every query that any content could make match', () => {
    const leaf = fc.constantFrom(
      'apple',
      'pear',
      'subject:pear',
      'date:2001',
      'custodian:ada',
      'custodian:ben',
      'mailbox:inbox',
    );
    const { query } = fc.letrec<{ query: string }>((tie) => ({
      query: fc.oneof(
        { maxDepth: 4 },
        leaf,
        tie('query').map((one) => `NOT (${one})`),
        fc.tuple(tie('query'), tie('query')).map(([a, b]) => `(${a}) AND (${b})`),
        fc.tuple(tie('query'), tie('query')).map(([a, b]) => `(${a}) OR (${b})`),
      ),
    }));
    const contents = ['', 'apple', 'pear', 'apple pear'].map((subject) => documentOf({ subject }));
    fc.assert(
      fc.property(query, (text) => {
        const ast = parseQuery(text);
        const some = contents.some((document) => evaluate(ast, document, facts));
        if (some) expect(evaluate(widest(ast), unreadable, facts)).toBe(true);
      }),
      { seed: 20_261_123, numRuns: 300 },
    );
  });
});

describe('the judge of holds', () => {
  test('is idle without active holds, and names those that match', async () => {
    using catalog = await foldedFrom([]);
    const judge = new HoldJudge(catalog);
    expect(judge.idle).toBe(true);
    using held = await foldedFrom([
      holdPlaced('a', 'pear'),
      holdPlaced('b', 'apple'),
      holdPlaced('c', 'custodian:ada'),
    ]);
    const busy = new HoldJudge(held);
    expect(busy.idle).toBe(false);
    expect(busy.matching(readable, facts)).toEqual(['a', 'c']);
    expect(busy.matching(unreadable, facts)).toEqual(['a', 'b', 'c']);
  });

  test('holds everything by a query that no longer parses, or that is gone', async () => {
    using catalog = await foldedFrom([holdPlaced('a', 'from:(('), { ...holdPlaced('b', 'x'), aside: 'erased' }]);
    const judge = new HoldJudge(catalog);
    const all: Ast = { kind: 'all' };
    expect(catalog.holds.active().map((hold) => judge.query(hold))).toEqual([all, all]);
    expect(judge.matching(readable, facts)).toEqual(['a', 'b']);
  });

  test('a catalog of another file is another judge', () => {
    using catalog = Catalog.open(':memory:');
    expect(new HoldJudge(catalog).matching(readable, facts)).toEqual([]);
  });
});
