import { queryFault } from './query-fault.ts';
import { queryLimits } from './query-limits.ts';
import type { Token } from './token.ts';

const OPERATOR = /^(w|pre)\/(\d+)$/iu;
/** As other query languages write it, and what they count besides words. */
const BORROWED =
  /^(?:(?:near|onear|within|adj|wi|p)\/\d+.*|(?:w|pre)\/(?:|s|p|seg|sent|para|\d+\D.*)|(?:near|onear|adj)\d+)$/iu;

/** `w/5` or `pre/5`, where a word is one. @throws SearchFault `query-invalid` for what was meant as one */
export function nearOf(typed: string, at: number): Extract<Token, { kind: 'near' }> | undefined {
  const word = typed.replace(/[\uff0f\u2215\u2044]/gu, '/');
  if (BORROWED.test(word)) {
    const remedy =
      'Write a number of words: w/5 for either order, pre/5 for this one; to search for it as text, put it in quotes.';
    throw queryFault(at, 'this is not how proximity is written here', remedy);
  }
  const [, name, digits] = OPERATOR.exec(word) ?? [];
  if (name === undefined) return undefined;
  const distance = Number(digits);
  if (distance < 1 || distance > queryLimits.distanceMax) {
    const problem = `a distance is 1 to ${queryLimits.distanceMax} words`;
    throw queryFault(at, problem, 'Neighbours are 1 apart: write w/1 or more.');
  }
  return { kind: 'near', at, nearness: name.toLowerCase() === 'w' ? 'within' : 'before', distance };
}
