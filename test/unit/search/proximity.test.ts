import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { BETWEEN, evaluate, parseQuery, nothingKnown } from '#search';
import type { NearOperand, PhraseNode, SearchDocument } from '#search';
import { matcherOf } from '../../../services/search/term.ts';
import { documentOf } from '../../contract/search-document.ts';
import { proximity } from './query.ts';

function isFound(query: string, body: string): boolean {
  return evaluate(parseQuery(query), documentOf({ body }), nothingKnown);
}

describe('words near each other', () => {
  test.each([
    ['a w/1 b', ['a b', 'b a', 'x b a'], ['a x b', 'ab', 'a']],
    ['a w/3 b', ['a x x b', 'b x x a'], ['a x x x b']],
    ['a pre/2 b', ['a b', 'a x b', 'b a x b'], ['b a', 'a x x b']],
    ['a w/2 a', ['a a', 'a x a'], ['a', 'a x x a']],
    ['"a b" w/2 c', ['a b x c', 'c x a b'], ['a b x x c', 'c x x a b']],
    ['"a b" w/1 "b c"', ['a b b c', 'b c a b'], ['a b c']],
    ['a* w/1 ab', ['ab ab', 'a ab'], ['ab']],
    ['(a OR "x y") w/1 b', ['a b', 'x y b'], ['x b', 'a y b']],
    ['a NOT w/2 b', ['a', 'a x x b', 'a b x x x x a'], ['a b', 'b x a', 'b', 'a b a']],
    ['a NOT w/2 a', ['a', 'a x x a'], ['a x a']],
    ['(a w/1 b) w/2 c', ['a b x c', 'c a b', 'b a x c'], ['a b x x c', 'a x b c']],
    ['(a w/1 b) w/1 (c w/1 d)', ['a b c d', 'd c b a'], ['a b x c d']],
    ['(a NOT w/1 b) w/1 c', ['a c', 'a b c a'], ['b a c', 'a b c']],
    ['a w/5 b w/5 c', ['a b c', 'c x x b a'], ['a b', 'b c']],
    ['a w/1000 b', [`a ${'x '.repeat(999)}b`], [`a ${'x '.repeat(1000)}b`]],
  ])('%s is true of %j, and not of %j', (query, found, others) => {
    expect(found.filter((body) => !isFound(query, body))).toEqual([]);
    expect(others.filter((body) => isFound(query, body))).toEqual([]);
  });

  test('never from one attachment or address to the next', () => {
    const attachments = ['a', 'b'].map((text) => ({ name: '', mediaType: 'text/plain', size: 1, text }));
    const document = documentOf({
      attachments,
      to: [
        { name: 'c', address: '' },
        { name: 'd', address: '' },
      ],
    });
    for (const query of ['a w/1000 b', 'c w/1000 d', 'a w/1000 c']) {
      expect([query, evaluate(parseQuery(query), document, nothingKnown)]).toEqual([query, false]);
    }
  });

  // What looked at all pairs would take hours.
  test('in time that grows with the text, however often the words stand there', () => {
    const body = 'a '.repeat(300_000);
    expect(isFound('(a pre/1 a) w/1000 ((a OR a* OR "a a") w/1000 b)', body)).toBe(false);
    expect(isFound('((a w/1000 a) w/1000 (a w/1000 a)) w/1000 (a NOT w/1 b)', body)).toBe(true);
    expect(isFound(`a${' w/5 a'.repeat(8)} w/5 b`, body)).toBe(false);
    expect(isFound(`(a${' OR a'.repeat(30)}) w/5 b`, body)).toBe(false);
  });
});

type Place = readonly [first: number, last: number];

/** By the definition, each place with each other one. */
function placesOf(operand: NearOperand, tokens: readonly string[]): readonly Place[] {
  if (operand.kind === 'phrase') return phrasePlaces(operand, tokens);
  if (operand.kind === 'or') return operand.children.flatMap((child) => placesOf(child, tokens));
  const { nearness, distance } = operand;
  const [lefts, rights] = [placesOf(operand.left, tokens), placesOf(operand.right, tokens)];
  const isPair = (left: Place, right: Place) => {
    const [ahead, behind] = [right[0] - left[1], left[0] - right[1]];
    const isApart = tokens.slice(Math.min(left[0], right[0]), Math.max(left[1], right[1])).includes(BETWEEN.trim());
    return (
      !isApart && ((ahead > 0 && ahead <= distance) || (nearness !== 'before' && behind > 0 && behind <= distance))
    );
  };
  const near = lefts.filter((left) => rights.some((right) => isPair(left, right)));
  if (nearness === 'apart') return lefts.filter((left) => !near.includes(left));
  return [...near, ...rights.filter((right) => lefts.some((left) => isPair(left, right)))];
}

function phrasePlaces({ terms }: PhraseNode, tokens: readonly string[]): readonly Place[] {
  const isHere = (at: number) => terms.every((term, place) => matcherOf(term)(tokens[at + place] ?? ''));
  return [...tokens.keys()].filter(isHere).map((at) => [at, at + terms.length - 1]);
}

test('proximity is what comparing every place with every other says', () => {
  const words = fc.constantFrom('audit', 'power', 'gas', 'the', 'or', '2001', 'x', '東');
  const pieces = fc.array(fc.array(words, { maxLength: 8 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(proximity, pieces, (near, texts) => {
      const body = texts
        .map((some) => some.join(' '))
        .filter((text) => text !== '')
        .join(BETWEEN);
      const empty = documentOf({}).columns;
      const document: SearchDocument = { ...documentOf({}), columns: { ...empty, body } };
      const inBody = inField(near);
      expect(evaluate(inBody, document, nothingKnown)).toBe(placesOf(inBody, body.split(' ')).length > 0);
    }),
    { numRuns: 5000, seed: 43 },
  );
});

/** The same, of the body. */
function inField<Operand extends NearOperand>(operand: Operand): Operand {
  const change = (one: NearOperand): NearOperand => {
    if (one.kind === 'phrase') return { ...one, field: 'body' };
    if (one.kind === 'or') return { kind: 'or', children: one.children.map(change) };
    return { ...one, left: change(one.left), right: change(one.right) };
  };
  return change(operand) as Operand;
}
