import { Fault } from '#kernel';

/**
 * - `query-invalid`: the query cannot be understood; `facts.position` is the character (UTF-16 unit, from 0) at fault.
 * - `query-too-costly`: it would have taken more time or memory than a query may; nothing is known of what it finds.
 * - `cursor-invalid`: a page was asked for with a cursor of another query, order or moment, or with no cursor at all.
 * - `index-damaged`: the index file is broken. It is derived state: rebuild it.
 * - `index-outdated`: the index was written with another analyzer or format. Rebuild it.
 * - `index-unavailable`: storage refused (disk full, no permission, in use), or the index stopped meanwhile.
 */
export type SearchFaultCode =
  'query-invalid' | 'query-too-costly' | 'cursor-invalid' | 'index-damaged' | 'index-outdated' | 'index-unavailable';

/** What to do about a query that takes too much. */
export const NARROWER =
  'Narrow it: fewer patterns and proximities, longer beginnings of words, or AND with a date, a custodian or a rarer word.';

export class SearchFault extends Fault<SearchFaultCode> {}
