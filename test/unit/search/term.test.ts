import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { editDistance } from '../../../services/search/edit-distance.ts';
import { beginningOf, matcherOf } from '../../../services/search/term.ts';

function isMatch(term: string, token: string): boolean {
  return matcherOf(term)(token);
}

describe('wildcards', () => {
  test.each([
    ['fraud*', ['fraud', 'frauds', 'fraudulent'], ['frau', 'afraud', 'Fraud']],
    ['*ing', ['ing', 'king', 'inging'], ['in', 'kings', '']],
    ['a*b*c', ['abc', 'aXbXc', 'abbcc', 'abcbc'], ['ac', 'acb', 'abcd', 'bac']],
    ['a*aba*a', ['aabaa', 'axabaxa'], ['aba', 'aaba', 'abaa']],
    ['?x', ['ax', '𐘀x', 'कx'], ['x', 'aax', 'ax ']],
    ['??*', ['ab', 'abc', '𐘀𐘀'], ['a', '𐘀', '']],
    ['*?a', ['aa', 'bca'], ['a']],
    ['a.c', ['a.c'], ['abc']],
  ])('%s matches %j and not %j', (pattern, matched, others) => {
    expect(matched.filter((token) => !isMatch(pattern, token))).toEqual([]);
    expect(others.filter((token) => isMatch(pattern, token))).toEqual([]);
  });

  test('as a regular expression says, and every match begins as it is said to', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '𐘀'), maxLength: 12 });
    const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '𐘀', '*', '?'), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(patterns, letters, (pattern, token) => {
        const source = pattern.replaceAll('?', '.').replaceAll('*', '.*');
        const expected = new RegExp(`^${source}$`, 'u').test(token);
        expect(isMatch(pattern, token)).toBe(expected);
        if (expected) expect(token.startsWith(beginningOf(pattern))).toBe(true);
      }),
      { numRuns: 5000, seed: 41 },
    );
  });
});

describe('fuzzy words', () => {
  test.each([
    ['audit~1', ['audit', 'adit', 'audits', 'audut', 'uadit', 'audti'], ['uadti', 'au', 'auditor']],
    ['audit~2', ['uadti', 'auditor', 'adt', 'dit'], ['au', 'auditors', 'power']],
    // The two are not neighbours any more once another letter has come between them.
    ['canal~2', ['acnal', 'acnla'], ['aXcnla']],
  ])('%s matches %j and not %j', (term, matched, others) => {
    expect(matched.filter((token) => !isMatch(term, token))).toEqual([]);
    expect(others.filter((token) => isMatch(term, token))).toEqual([]);
  });

  test.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['ca', 'ac', 1],
    ['ca', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['abcd', 'badc', 2],
  ])('from %j to %j it takes %d edits', (a, b, edits) => {
    expect(editDistance(a, b)).toBe(edits);
    expect(editDistance(b, a)).toBe(edits);
  });

  test('one character beyond the BMP is one edit', () => {
    expect(isMatch('audit~1', 'aud𐘀t')).toBe(true);
    expect(isMatch('aud𐘀t~1', 'audit')).toBe(true);
    expect(isMatch('𐘀𐘀𐘀~1', '𐘀𐘀')).toBe(true);
  });

  test('every token that is made by so many edits matches', () => {
    const letter = fc.constantFrom('a', 'b', 'c', '𐘀');
    const word = fc.array(letter, { minLength: 3, maxLength: 8 });
    const edit = fc.record({ at: fc.nat(8), kind: fc.constantFrom('more', 'fewer', 'other', 'exchanged'), letter });
    fc.assert(
      fc.property(word, fc.array(edit, { maxLength: 1 }), (letters, edits) => {
        const made = [...letters];
        for (const { at, kind, letter: other } of edits) {
          const place = at % letters.length;
          if (kind === 'more') made.splice(place, 0, other);
          if (kind === 'fewer') made.splice(place, 1);
          if (kind === 'other') made[place] = other;
          if (kind === 'exchanged') made.splice(place, 2, ...made.slice(place, place + 2).reverse());
        }
        expect(isMatch(`${letters.join('')}~1`, made.join(''))).toBe(true);
      }),
      { numRuns: 1000, seed: 42 },
    );
  });
});
