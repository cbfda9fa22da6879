import { Fault } from '#kernel';

/**
 * - `query-invalid`: the query cannot be understood; `facts.position` is the character (UTF-16 unit, from 0) at fault.
 * - `cursor-invalid`: a page was asked for with a cursor of another query, order or moment, or with no cursor at all.
 * - `index-damaged`: the index file is broken. It is derived state: rebuild it.
 * - `index-outdated`: the index was written with another analyzer or format. Rebuild it.
 * - `index-unavailable`: storage refused (disk full, no permission, in use).
 */
export type SearchFaultCode =
  'query-invalid' | 'cursor-invalid' | 'index-damaged' | 'index-outdated' | 'index-unavailable';

export class SearchFault extends Fault<SearchFaultCode> {}
