import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { analyze } from '#search';

describe('the analyzer', () => {
  test.each([
    ['nothing', '', ''],
    ['only signs', ' .,;!? ☃ “” ', ''],
    ['case and divisions', 'Hello, WORLD_2001-10/x', 'hello world 2001 10 x'],
    ['an address, whole and by part', 'Ada.Byron@mail.north.example', 'ada byron mail north example'],
    ['apostrophes of every kind', "Don't DON’T donʼt O'Neil's", 'dont dont dont oneils'],
    ['apostrophes at the edges', "'quoted' dogs' ’tis a''b", 'quoted dogs tis a b'],
    ['Latin marks, composed and not', 'Crème bru\u0302le\u0301e Łódź İstanbul', 'creme brulee łodz istanbul'],
    ['sharp s and ligatures', 'Straße STRASSE ﬁne', 'strasse strasse fine'],
    ['Greek with accents and final sigma', 'Όδος ΟΔΟΣ', 'οδοσ οδοσ'],
    ['Cyrillic', 'Ёлка ёж Й', 'елка еж и'],
    ['Devanagari keeps its vowel signs', 'हिन्दी में', 'हिन्दी में'],
    ['Tamil', 'தமிழ் மொழி', 'தமிழ் மொழி'],
    ['Arabic and Hebrew', 'مرحبا שלום', 'مرحبا שלום'],
    ['Hangul stays in words, also decomposed', '한국어 \u1112\u1161\u11ab', '한국어 한'],
    ['Chinese, one token a character', '北京2008年', '北 京 2008 年'],
    ['Japanese, with long vowels and voiced marks', 'タワーか\u3099ｶﾞ', 'タ ワ ー が ガ'],
    ['Thai', 'ไทย', 'ไ ท ย'],
    ['beyond the basic plane', '𠮷野 𝔘𝔫𝔦', '𠮷 野 uni'],
    ['full width and circled', 'ＡＢＣ①', 'abc1'],
    ['what cannot be seen does not divide', 'in\u00advis\u200bible\ufeff', 'invisible'],
    ['emoji and variation selectors', 'I ❤️ 1️⃣', 'i 1'],
    ['lone surrogates', 'a\ud800b', 'a b'],
  ])('%s', (_, text, tokens) => {
    expect(analyze(text)).toBe(tokens);
  });

  test('a run without end becomes several tokens, and none of its letters is lost', () => {
    for (const letter of ['x', 'ж', '𝔞', 'த']) {
      const tokens = analyze(letter.repeat(10_000)).split(' ');
      expect(Math.max(...tokens.map((token) => token.length))).toBeLessThanOrEqual(256);
      expect(tokens.join('')).toBe(analyze(letter).repeat(10_000));
    }
  });

  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.string({ unit: fc.constantFrom(...Array.from(`aZ9 -'’\u0301ß한か\u3099๑ไक्\u200d`)), maxLength: 20 }),
  );

  test('tokens are their own tokens: a query for what was found finds it again', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const tokens = analyze(text);
        expect(analyze(tokens)).toBe(tokens);
        expect(tokens.split(' ').every((token) => token !== '' || tokens === '')).toBe(true);
      }),
      { numRuns: 5000, seed: 20 },
    );
  });

  test('ASCII goes a shorter way to the same tokens', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 60 }), (text) => {
        // The snowman sends the same text the long way.
        expect(analyze(`${text} ☃`)).toBe(analyze(text));
      }),
      { numRuns: 3000, seed: 21 },
    );
  });

  test('either composition of a text gives the same tokens', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(analyze(text.normalize('NFD'))).toBe(analyze(text.normalize('NFC')));
      }),
      { numRuns: 2000, seed: 22 },
    );
  });
});
