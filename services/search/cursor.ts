import { digestOf } from '#kernel';
import type { Ast } from './ast.ts';
import { printQuery } from './query/printer.ts';
import { SearchFault } from './search-fault.ts';
import type { SearchRequest } from './search-index.ts';

/** Where the next page begins: behind this key. `value` is the date or the score of the last hit. */
export interface PageKey {
  readonly value: number | null;
  readonly sequence: number;
}

export interface PageStart {
  readonly asOf: number;
  readonly key: PageKey | undefined;
}

/** A cursor says which query and order it continues, as of when, and behind which hit: nothing is kept for it here. */
export function encodeCursor(request: SearchRequest, asOf: number, key: PageKey): string {
  return Buffer.from(JSON.stringify([fingerprint(request), asOf, key.value, key.sequence])).toString('base64url');
}

/**
 * The moment and key that a request begins at.
 * @throws SearchFault `cursor-invalid`
 */
export function pageStart(request: SearchRequest, defaultAsOf: number): PageStart {
  if (request.after === undefined) return { asOf: request.asOf ?? defaultAsOf, key: undefined };
  const cursor = decode(request.after);
  if (cursor === undefined || cursor.fingerprint !== fingerprint(request)) throw invalid('of this query and order');
  if (request.asOf !== undefined && request.asOf !== cursor.asOf) throw invalid('as of this sequence');
  return cursor;
}

/** The moment that a page continues; undefined for a first page, and for what is no cursor. */
export function momentOf(after: string | undefined): number | undefined {
  return after === undefined ? undefined : decode(after)?.asOf;
}

function decode(after: string): (PageStart & { fingerprint: string }) | undefined {
  const parts = jsonOf(after);
  if (!Array.isArray(parts)) return undefined;
  const [print, asOf, value, sequence]: unknown[] = parts;
  if (typeof print !== 'string' || !Number.isSafeInteger(asOf) || !Number.isSafeInteger(sequence)) return undefined;
  if (value !== null && typeof value !== 'number') return undefined;
  return { fingerprint: print, asOf: Number(asOf), key: { value, sequence: Number(sequence) } };
}

function jsonOf(after: string): unknown {
  try {
    return JSON.parse(Buffer.from(after, 'base64url').toString());
  } catch {
    return undefined;
  }
}

function fingerprint({ query, sort }: { readonly query: Ast; readonly sort: string }): string {
  return digestOf(Buffer.from(`${sort}\n${printQuery(query)}`)).slice(0, 16);
}

function invalid(what: string): SearchFault {
  const remedy = 'Begin again with the first page, or repeat the request exactly with the cursor of its last answer.';
  return new SearchFault('cursor-invalid', `this cursor is no cursor ${what}`, { remedy });
}
