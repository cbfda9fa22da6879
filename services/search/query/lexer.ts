import { queryFault } from './query-fault.ts';
import { nearOf } from './near-operator.ts';
import { headerField } from './header-field.ts';
import { likelyField, type QueryField, queryField, queryFields } from './query-field.ts';
import type { Token } from './token.ts';

// Word processors replace straight quotes and hyphens; what was pasted from one means the same.
const QUOTES = '"“”„‟«»＂';
export const DASHES = '-‐‑‒–—−';
const WORD = new RegExp(`[^\\s()${QUOTES}]+`, 'uy');
const SPACE = /\s+/uy;
/** RFC 5322 §3.6.8, without what means something in a query. */
const HEADER_NAME = /[!#-'*-9;-~]+:/uy;
const FIELD = /^([A-Za-z][A-Za-z-]*):(?!\/\/)/u;
/** As keyboards of East Asia write them. */
const ASCII: Readonly<Record<string, string>> = { '＊': '*', '∗': '*', '～': '~', '：': ':' };
const OPERATORS = new Map([
  ['AND', 'and'],
  ['OR', 'or'],
  ['NOT', 'not'],
] as const);

/** The query as tokens, the last of them `end`. Linear in its length. */
export function lex(query: string): Token[] {
  const tokens: Token[] = [];
  const lexer = new Lexer(query.replace(/[＊∗～：]/gu, (sign) => ASCII[sign] ?? sign));
  for (;;) {
    const token = lexer.next();
    tokens.push(token);
    if (token.kind === 'end') return tokens;
  }
}

class Lexer {
  readonly #query: string;
  #at = 0;
  /** Right behind a colon operators are plain text: `subject:OR`. */
  #behindField = false;

  constructor(query: string) {
    this.#query = query;
  }

  next(): Token {
    const behindField = this.#behindField;
    this.#behindField = false;
    if (!behindField) this.#take(SPACE);
    const at = this.#at;
    const character = this.#query[at];
    if (character === undefined) return { kind: 'end', at };
    if (QUOTES.includes(character)) return this.#phrase(at);
    if (character === '(' || character === ')') {
      this.#at++;
      return { kind: character === '(' ? 'open' : 'close', at };
    }
    return behindField ? { kind: 'word', at, text: this.#take(WORD) } : this.#wordOrOperator(at);
  }

  #wordOrOperator(at: number): Token {
    if (this.#isMinus(at)) {
      this.#at++;
      return { kind: 'minus', at };
    }
    const text = this.#take(WORD);
    const operator = this.#operator(text);
    if (operator !== undefined) return { kind: operator, at };
    const near = nearOf(text, at);
    if (near !== undefined) return near;
    const called = this.#query[this.#at] === '(' ? queryField(text) : undefined;
    if (called !== undefined) throw queryFault(at, `expected a colon behind ${called}`, `Write ${called}:(…).`);
    const name = FIELD.exec(text)?.[1];
    return name === undefined ? { kind: 'word', at, text } : this.#field(at, name);
  }

  #operator(text: string): 'and' | 'or' | 'not' | undefined {
    return text === 'AND' || text === 'OR' || text === 'NOT' ? OPERATORS.get(text) : undefined;
  }

  /** A dash right before something; alone it is a word without letters, and refused as one. */
  #isMinus(at: number): boolean {
    if (!DASHES.includes(this.#query[at] ?? ' ')) return false;
    const following = this.#query[at + 1];
    return following !== undefined && following !== ')' && !/[\s]/u.test(following) && !DASHES.includes(following);
  }

  #field(at: number, name: string): Token {
    const known = queryField(name);
    if (known === undefined) throw unknownField(at, name);
    this.#at = at + name.length + 1;
    const field = known === 'header' ? this.#headerField() : known;
    const following = this.#query[this.#at];
    if (following === undefined || following === ')' || /\s/u.test(following)) {
      const example = `${field}:${following === undefined ? 'word' : 'word, without a space'}`;
      throw queryFault(this.#at, `expected a value right behind ${field}:`, `Write ${example}.`);
    }
    this.#behindField = true;
    return { kind: 'field', at, field };
  }

  /** Of `header:NAME:` what stands behind the first colon. */
  #headerField(): QueryField {
    const at = this.#at;
    const name = this.#take(HEADER_NAME);
    if (name !== '') return headerField(name.slice(0, -1), at);
    const remedy = 'Write header:x-mailer:word, or header:x-mailer:* for messages that have the field.';
    throw queryFault(at, 'expected the name of a field of the header, and a colon behind it', remedy);
  }

  #phrase(at: number): Token {
    let end = at + 1;
    while (end < this.#query.length && !QUOTES.includes(this.#query[end] ?? '')) end++;
    if (end >= this.#query.length) {
      throw queryFault(at, 'this quotation mark is never closed', 'Add the closing " or remove this one.');
    }
    this.#at = end + 1;
    return { kind: 'phrase', at, text: this.#query.slice(at + 1, end) };
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#query)?.[0] ?? '';
    this.#at += text.length;
    return text;
  }
}

function unknownField(at: number, name: string): Error {
  const likely = likelyField(name);
  const intention = likely === undefined ? `The fields are ${queryFields.join(', ')}.` : `Did you mean ${likely}:?`;
  return queryFault(
    at,
    'there is no field of this name',
    `${intention} To search for text with a colon, put it in quotes.`,
  );
}
