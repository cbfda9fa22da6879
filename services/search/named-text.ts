import type { ParsedMessage } from '#message';
import type { DocumentBudget } from './document-budget.ts';
import { BETWEEN, BOUNDARY, documentText } from './document-text.ts';
import { urlTexts } from './url-texts.ts';

/** What a field of a header says, or an address that HTML links to: its name and its tokens, joined by one space; perhaps none. */
export type NamedText = readonly [name: string, tokens: string];

/** The name of addresses that HTML links to: no field has an empty one. */
export const LINK_NAME = '';

/** Of one message as engines have it, in UTF-16 units: each token with its name before it. */
const NAMED_UNITS_MAX = 1024 * 1024;

export interface NamedTexts {
  readonly texts: readonly NamedText[];
  readonly isWhole: boolean;
}

/** The fields of a message's header by their names, and its links; each name and text once. */
export function namedTexts({ fields, links }: ParsedMessage, budget: DocumentBudget): NamedTexts {
  const texts: NamedText[] = [];
  let left = NAMED_UNITS_MAX;
  const add = (name: string, text: string): void => {
    const tokens = documentText(text, budget);
    left -= unitsOf(name, tokens);
    if (left >= 0) texts.push([name, tokens]);
  };
  for (const { name, text } of fields) add(name, text);
  for (const link of links) for (const text of urlTexts(link)) add(LINK_NAME, text);
  return { texts, isWhole: left >= 0 };
}

function unitsOf(name: string, tokens: string): number {
  let count = 1;
  for (let at = tokens.indexOf(' '); at >= 0; at = tokens.indexOf(' ', at + 1)) count += 1;
  return tokens.length + count * (name.length + 2);
}

/** Around a name. Like `BOUNDARY` a letter to every engine, and to the analyzer none. */
export const SIGN = '§';

/** Between two texts, as engines have them. */
const DIVIDER = `${BOUNDARY}${BOUNDARY}`;

/** What stands before each token of a text of this name: with it a token is found behind no other name, and nowhere else. */
export function namePrefix(name: string): string {
  let prefix = prefixes.get(name);
  if (prefix === undefined) {
    // Senders make up names.
    if (prefixes.size >= PREFIXES_MAX) prefixes.clear();
    prefixes.set(name, (prefix = `${SIGN}${asToken(name)}${SIGN}`));
  }
  return prefix;
}

const prefixes = new Map<string, string>();
const PREFIXES_MAX = 1000;

/** All of them as one text of tokens; of a text without tokens the name alone. */
export function engineText(texts: readonly NamedText[]): string {
  return texts.map(prefixed).join(` ${DIVIDER} `);
}

function prefixed([name, tokens]: NamedText): string {
  const prefix = namePrefix(name);
  const all = prefix + tokens.replaceAll(' ', ` ${prefix}`);
  return tokens.includes(BETWEEN) ? all.replaceAll(`${prefix}${BOUNDARY}`, BOUNDARY) : all;
}

/** The other side of `engineText`. */
export function textsIn(text: string): readonly NamedText[] {
  if (text === '') return [];
  return text.split(` ${DIVIDER} `).map((one) => {
    const prefix = one.slice(0, one.indexOf(SIGN, 1) + 1);
    return [fromToken(prefix.slice(1, -1)), one.replaceAll(prefix, '')];
  });
}

/** Whether it stands between texts and is no word of any. */
export function isBetween(token: string): boolean {
  return token === BOUNDARY || token === DIVIDER;
}

/**
 * Any text as one token: tokenizers divide at what is neither a letter nor a digit of ASCII, so that these are written as `¶` and two
 * hexadecimal digits.
 */
export function asToken(text: string): string {
  return text.replace(/[^\da-z\u0080-\u00b5\u00b7-\uffff]/gu, escaped);
}

function escaped(sign: string): string {
  return `${BOUNDARY}${sign.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** The other side of `asToken`. */
export function fromToken(token: string): string {
  const code = /¶([\da-f]{2})/gu;
  return token.replace(code, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
