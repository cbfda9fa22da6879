import type { TimeZone } from '../time-zone.ts';
import { dateRangeIn } from './date-range.ts';
import { lex } from './lexer.ts';
import { parseQuery } from './parser.ts';
import type { QueryField } from './query-field.ts';
import type { Range } from './range.ts';
import { type Token, valueAt, type ValueToken } from './token.ts';

const DATED: ReadonlySet<QueryField> = new Set(['date', 'received', 'sent-or-received']);

/**
 * The query with every date that names no zone written as the instants that it means in one: so it means the same to whoever reads it
 * later, whatever zone is declared then. All else stays as it was written.
 * In UTC it is the query itself, unread. @throws SearchFault `query-invalid` as `parseQuery`, in other zones
 */
export function withAbsoluteDates(query: string, zone: TimeZone): string {
  if (zone.isUtc) return query;
  parseQuery(query);
  let [written, done] = ['', 0];
  for (const token of datesIn(lex(query))) {
    const [start, end] = [valueAt(token), valueAt(token) + token.text.length];
    const text = token.text.trim();
    const meant = dateRangeIn(text, start, zone);
    if (isSame(meant, dateRangeIn(text, start))) continue;
    written += query.slice(done, start) + printed(meant);
    done = end;
  }
  return written + query.slice(done);
}

/** The values behind fields of dates, also in groups. */
function* datesIn(tokens: readonly Token[]): Generator<ValueToken> {
  /** How deep in parentheses the group of such a field is; 0 outside. */
  let depth = 0;
  for (const [place, token] of tokens.entries()) {
    if (depth === 0 && !isDated(tokens[place - 1])) continue;
    if (token.kind === 'open') depth += 1;
    else if (token.kind === 'close') depth -= 1;
    else if (isValue(token)) yield token;
  }
}

function isDated(token: Token | undefined): boolean {
  return token?.kind === 'field' && DATED.has(token.field);
}

function isValue(token: Token): token is ValueToken {
  return token.kind === 'word' || token.kind === 'phrase';
}

function isSame(one: Range, other: Range): boolean {
  return one.from === other.from && one.before === other.before;
}

/** Always with times in UTC: a day alone would be read in the zone again. */
function printed({ from, before }: Range): string {
  return `${from === null ? '' : iso(from)}..${before === null ? '' : iso(before - 1)}`;
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}
