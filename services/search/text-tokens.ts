import { BOUNDARY } from './document-text.ts';
import { TokenSet } from './token-set.ts';

/** The tokens of a column, numbered from 0. */
export interface TextTokens {
  /** Where each begins, ascending. */
  readonly starts: Uint32Array;
  /** Those that stand between two addresses or attachments. */
  readonly boundaries: TokenSet;
}

export function textTokens(text: string): TextTokens {
  const starts = new Uint32Array(countOf(text));
  const boundaries = new TokenSet(starts.length);
  for (let token = 0, start = 0; token < starts.length; token++) {
    starts[token] = start;
    const end = text.indexOf(' ', start);
    if (end - start === BOUNDARY.length && text.startsWith(BOUNDARY, start)) boundaries.add(token);
    start = end + 1;
  }
  return { starts, boundaries };
}

function countOf(text: string): number {
  let count = text === '' ? 0 : 1;
  for (let at = text.indexOf(' '); at >= 0; at = text.indexOf(' ', at + 1)) count += 1;
  return count;
}
