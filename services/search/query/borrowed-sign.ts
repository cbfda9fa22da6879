/** A sign of another query language: where it stands in the word, what is wrong and what to write. */
export interface BorrowedSign {
  readonly at: number;
  readonly problem: string;
  readonly remedy: string;
}

interface Rule {
  readonly pattern: RegExp;
  readonly problem: string;
  readonly remedy: string;
}

const QUOTE = 'to search for it as text, put it in quotes.';
const RULES: readonly Rule[] = [
  {
    pattern: /^!(?=[^!])/u,
    problem: '! before a word has no meaning here',
    remedy: `Write NOT or - to exclude it; ${QUOTE}`,
  },
  {
    pattern: /(?<=[\p{L}\p{N}])!+$/u,
    problem: '! behind a word has no meaning here',
    remedy: `Write * for all words that begin so, as in fraud*; ${QUOTE}`,
  },
  {
    pattern: /^[/+](?:\d+|[sp])$/iu,
    problem: 'this is not how proximity is written here',
    remedy: `Write w/5 for at most five words in either order, pre/5 for this order; ${QUOTE}`,
  },
  {
    pattern: /(?:^~(?=\p{L})|~~)/u,
    problem: '~ here has no meaning',
    remedy: `Write word~ for words that differ by one character, word~2 by two; ${QUOTE}`,
  },
  {
    pattern:
      /^(?:date|sent|received|size|subject|from|to|cc|bcc|participants|body|custodian|mailbox)[=<>]|^=(?=[\p{L}\p{N}])/iu,
    problem: '=, < and > behind a field have no meaning here',
    remedy: `Write a colon before them, or alone: date:>=2024-01, size:>10mb, subject:word; ${QUOTE}`,
  },
  {
    pattern: /^\+/u,
    problem: '+ before a word has no meaning here',
    remedy: `Every word is required, so remove the +; ${QUOTE}`,
  },
  { pattern: /\|/u, problem: '| has no meaning here', remedy: `Write OR between the words; ${QUOTE}` },
  { pattern: /&&/u, problem: '&& has no meaning here', remedy: `Write AND between the words; ${QUOTE}` },
  { pattern: /\^(?=\d)/u, problem: 'weights are not supported', remedy: `Remove the ^ and the number; ${QUOTE}` },
  { pattern: /^\/.*\/$/su, problem: 'regular expressions are not supported', remedy: `Write words; ${QUOTE}` },
  { pattern: /^\[.*\]$/su, problem: 'brackets have no meaning here', remedy: `Remove them; ${QUOTE}` },
  { pattern: /^\{.*\}$/su, problem: 'braces have no meaning here', remedy: `Remove them; ${QUOTE}` },
];

/** The first sign in a word that other query languages give a meaning to, and that would be read as something else here. */
export function borrowedSign(word: string): BorrowedSign | undefined {
  for (const { pattern, problem, remedy } of RULES) {
    const at = word.search(pattern);
    if (at >= 0) return { at, problem, remedy };
  }
  return undefined;
}
