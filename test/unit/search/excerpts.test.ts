import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { analyze, excerptsOf, parseQuery, type WrittenText } from '#search';
import { tokensByPiece } from '../../../services/search/excerpts.ts';

const body = (text: string): WrittenText => ({ column: 'body', text });

/** The excerpt with its highlights in brackets. */
function marked(query: string, ...texts: readonly WrittenText[]): string[] {
  return excerptsOf(parseQuery(query), texts).map(({ text, highlights }) =>
    highlights
      .toReversed()
      .reduce((so, [from, to]) => `${so.slice(0, from)}[${so.slice(from, to)}]${so.slice(to)}`, text),
  );
}

describe('an excerpt', () => {
  test.each([
    ['heron', 'A blue Heron, and a heron.', ['A blue [Heron,] and a [heron.]']],
    ['"blue heron"', 'blue\n  heron; blue bird', ['[blue heron;] blue bird']],
    ['hero* bird~', 'heroes and birb', ['[heroes] and [birb]']],
    ['accord', "l'accord est fait", ["[l'accord] est fait"]],
    ['okoye', 'Okoye’s report', ['[Okoye’s] report']],
    ['京都', '東京都庁 and 京都府', ['東[京都]庁 and [京都]府']],
    ['ada@north.example', 'write to Ada@North.example today', ['write to [Ada@North.example] today']],
    ['heron -bridge', 'a bridge, a heron', ['a bridge, a [heron]']],
    ['a w/3 c', 'a b c', ['[a] b [c]']],
    ['a w/2 c', 'a x x c x a c', ['a x x [c] x [a c]']],
    ['a pre/2 c', 'c a x x x c a c', ['c a x x x c [a c]']],
    ['a NOT w/2 c', 'a c x x x a', ['a c x x x [a]']],
    ['"a b" w/2 (c OR d)', 'a b x x x d a b', ['a b x x x [d a b]']],
    ['(a w/2 b) w/3 c', 'a x a b x c', ['a x [a b] x [c]']],
    ['okoye NOT w/2 report', 'Okoye’s report', ['[Okoye’s] report']],
    ['a w/2 c', 'a x x x c', []],
    ['nowhere', 'a b c', []],
    ['subject:heron', 'heron', []],
    ['date:2001', 'heron', []],
  ])('of %s in %j', (query, text, expected) => {
    expect(marked(query, body(text))).toEqual(expected);
  });

  test('shows the first place, some words before it, and no more than a line or two', () => {
    const text = `${'before '.repeat(50)}heron ${'behind '.repeat(50)}`;
    const [excerpt = ''] = marked('heron', body(text));
    expect(excerpt).toMatch(/^…(?:before ){4,6}\[heron\] behind .*behind…$/u);
    expect(excerpt.length).toBeLessThan(200);
  });

  test('of a word that is too long its beginning', () => {
    const [excerpt = ''] = marked('http*', body(`http${'x'.repeat(10_000)} end`));
    expect(excerpt).toMatch(/^\[http(?:x){56}…\] end$/u);
  });

  test('is there for each text that has it, with the name of the attachment, five at most', () => {
    const texts: WrittenText[] = [
      { column: 'subject', text: 'heron' },
      body('nothing'),
      { column: 'attachments', name: 'count.csv', text: 'heron,7' },
    ];
    expect(excerptsOf(parseQuery('heron'), texts)).toEqual([
      { column: 'subject', text: 'heron', highlights: [[0, 5]] },
      { column: 'attachments', name: 'count.csv', text: 'heron,7', highlights: [[0, 7]] },
    ]);
    expect(
      excerptsOf(
        parseQuery('heron'),
        Array.from({ length: 9 }, () => body('heron')),
      ),
    ).toHaveLength(5);
  });

  test('of a hostile text takes no longer than its length', () => {
    expect(marked('x*', body('x '.repeat(3_000_000)))).toHaveLength(1);
    expect(marked('x', body('x'.repeat(3_000_000)))).toHaveLength(0);
  });
});

test('piece by piece a text has the tokens that it has as a whole', () => {
  const character = fc.oneof(
    fc.constantFrom(
      ' ',
      '\n',
      '\u00a0',
      '\u3000',
      '東',
      'か',
      '\u3099',
      'ก',
      '\u0e34',
      "'",
      '’',
      'é',
      'e',
      '\u0301',
      '²',
      '-',
      '.',
      '﷼',
      '㌀',
      '\u200b',
    ),
    fc.string({ unit: 'grapheme', maxLength: 3 }),
  );
  const text = fc.array(character, { maxLength: 20 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, (some) => {
      expect(tokensByPiece(some)).toBe(analyze(some));
    }),
    { numRuns: 5000, seed: 42 },
  );
});
