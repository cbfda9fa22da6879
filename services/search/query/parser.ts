import type { Ast } from '../ast.ts';
import { isPattern, prefixOf, type Term } from '../term.ts';
import { leafOf } from './leaf.ts';
import { lex } from './lexer.ts';
import { apartIsEitherOrder, nearOperands } from './near-operands.ts';
import { queryFault } from './query-fault.ts';
import type { QueryField } from './query-field.ts';
import { queryLimits } from './query-limits.ts';
import type { Token, ValueToken } from './token.ts';

/**
 * Reads a query (grammar in README.md). Linear in its length, whatever it is.
 * @throws SearchFault `query-invalid`
 */
export function parseQuery(query: string): Ast {
  if (query.length > queryLimits.lengthMax) {
    throw queryFault(queryLimits.lengthMax, `longer than ${queryLimits.lengthMax} characters`, 'Divide the query.');
  }
  return new Parser(lex(query)).parse();
}

const END: Token = { kind: 'end', at: 0 };

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;
  #terms = 0;
  #patterns = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): Ast {
    const first = this.#peek();
    if (first.kind === 'end') {
      throw queryFault(first.at, 'the query is empty', 'Write a word, or * for every message.');
    }
    const ast = this.#or(undefined);
    const rest = this.#peek();
    if (rest.kind === 'close')
      throw queryFault(rest.at, 'this parenthesis was never opened', 'Remove it, or add a ( before.');
    return ast;
  }

  #or(field: QueryField | undefined): Ast {
    const children = [this.#and(field)];
    while (this.#peek().kind === 'or') {
      this.#next++;
      children.push(this.#and(field));
    }
    return combined('or', children);
  }

  #and(field: QueryField | undefined): Ast {
    const children = [this.#unary(field)];
    while (!['or', 'close', 'end'].includes(this.#peek().kind)) {
      if (this.#peek().kind === 'and') this.#next++;
      children.push(this.#unary(field));
    }
    return combined('and', children);
  }

  #unary(field: QueryField | undefined): Ast {
    const token = this.#peek();
    if (token.kind !== 'not' && token.kind !== 'minus') return this.#proximity(field);
    this.#next++;
    return this.#nested(token.at, () => ({ kind: 'not', child: this.#unary(field) }));
  }

  /** From left to right: what was near each other may be near to more. */
  #proximity(field: QueryField | undefined): Ast {
    let left = this.#primary(field);
    for (;;) {
      const begun = this.#peek();
      const isApart = begun.kind === 'not' && this.#peek(1).kind === 'near';
      const operator = this.#peek(isApart ? 1 : 0);
      if (operator.kind !== 'near') return left;
      if (isApart && operator.nearness === 'before') throw apartIsEitherOrder(operator);
      this.#next += isApart ? 2 : 1;
      const nearness = isApart ? 'apart' : operator.nearness;
      const sides = nearOperands(left, this.#primary(field), { at: operator.at, nearness });
      left = { kind: 'near', nearness, distance: operator.distance, ...sides };
    }
  }

  #primary(field: QueryField | undefined): Ast {
    const token = this.#peek();
    this.#next++;
    if (token.kind === 'open') return this.#nested(token.at, () => this.#group(token.at, field));
    if (token.kind === 'word' || token.kind === 'phrase') return this.#leaf(token, field);
    if (token.kind === 'field') return this.#fielded(token, field);
    throw this.#expectedTerm(token);
  }

  #group(at: number, field: QueryField | undefined): Ast {
    const ast = this.#or(field);
    if (this.#peek().kind !== 'close') throw queryFault(at, 'this parenthesis is never closed', 'Add the closing ).');
    this.#next++;
    return ast;
  }

  #fielded(token: Extract<Token, { kind: 'field' }>, outer: QueryField | undefined): Ast {
    if (outer !== undefined) {
      const remedy = `Close the group of ${outer}: before ${token.field}:.`;
      throw queryFault(token.at, `a field within the group of ${outer}:`, remedy);
    }
    // The lexer has seen to it that a group, phrase or word follows.
    return this.#primary(token.field);
  }

  #leaf(token: ValueToken, field: QueryField | undefined): Ast {
    const leaf = leafOf(field, token);
    this.#terms += leaf.kind === 'phrase' ? leaf.terms.length : 1;
    if (this.#terms > queryLimits.termsMax) {
      throw queryFault(token.at, `more than ${queryLimits.termsMax} terms`, 'Divide the query.');
    }
    this.#patterns += leaf.kind === 'phrase' ? widePatternsIn(leaf.terms) : 0;
    if (this.#patterns > queryLimits.patternsMax) {
      const problem = `more than ${queryLimits.patternsMax} words with ~ or with a wildcard before their end`;
      throw queryFault(token.at, problem, 'Divide the query.');
    }
    return leaf;
  }

  #nested(at: number, parse: () => Ast): Ast {
    if (++this.#depth > queryLimits.nestingMax) throw tooDeep(at);
    const ast = parse();
    this.#depth--;
    return ast;
  }

  #expectedTerm(token: Token): Error {
    const before = this.#tokens[this.#next - 2];
    const place = before === undefined ? 'at the beginning' : `behind ${spoken(before)}`;
    const problem = `expected a word, a phrase or ( ${place}, found ${spoken(token)}`;
    const isApart = token.kind === 'near' && before?.kind === 'not';
    return queryFault(token.at, problem, isApart ? 'Write a NOT w/5 b, without AND before it.' : remedyFor(token));
  }

  #peek(ahead = 0): Token {
    return this.#tokens[this.#next + ahead] ?? END;
  }
}

function tooDeep(at: number): Error {
  const problem = `nested deeper than ${queryLimits.nestingMax} levels`;
  return queryFault(at, problem, 'Remove parentheses or NOTs that change nothing.');
}

/** Those that are no mere beginning, or stand in the middle of a phrase. */
function widePatternsIn(terms: readonly Term[]): number {
  return terms.filter((term, place) => isPattern(term) && (place < terms.length - 1 || prefixOf(term) === undefined))
    .length;
}

/** One node for all operands of one operator, however they were grouped. */
function combined(kind: 'and' | 'or', children: readonly Ast[]): Ast {
  const [first, ...others] = children;
  if (first !== undefined && others.length === 0) return first;
  return { kind, children: children.flatMap((child) => (child.kind === kind ? child.children : [child])) };
}

function remedyFor(token: Token): string {
  if (token.kind === 'close') return 'Put a word before this ), or remove the empty parentheses.';
  return token.kind === 'and' || token.kind === 'or'
    ? 'Put a word on both sides of it, or put it in lower case to search for it as a word.'
    : token.kind === 'near'
      ? 'Put a word or a phrase on both sides of it.'
      : 'Add a word, or remove the operator before.';
}

const SPOKEN = {
  and: 'AND',
  or: 'OR',
  not: 'NOT',
  minus: '-',
  near: 'a proximity',
  open: '(',
  close: ')',
  field: 'a field',
  word: 'a word',
  phrase: 'a phrase',
  end: 'the end of the query',
} as const;

function spoken(token: Token): string {
  return SPOKEN[token.kind];
}
