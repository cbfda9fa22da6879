import type { Sequence } from '#kernel';
import type { Ledger } from '#ledger';
import type { SearchEntry } from './search-entry.ts';

/** A search as it is listed: who asked what, when, and how many messages it found as of which sequence. */
export interface RecordedSearch {
  readonly search: Sequence;
  /** Milliseconds since 1970, by the ledger. */
  readonly at: number;
  readonly actor: string;
  /** Null where its text was erased. */
  readonly query: string | null;
  readonly asOf: number;
  readonly total: number;
  /** How many of them were shown. */
  readonly shown: number;
}

export interface SearchListPage {
  readonly limit: number;
  /** Only those before this entry. */
  readonly before?: number | undefined;
}

/** Entries that are read at a time. */
const WINDOW = 4096;

/** The newest first. Reads the ledger back as far as it must. */
export async function listSearches(
  ledger: Ledger,
  { limit, before }: SearchListPage,
): Promise<readonly RecordedSearch[]> {
  const list: RecordedSearch[] = [];
  let end = Math.min(before ?? ledger.head.size, ledger.head.size);
  while (end > 0 && list.length < limit) {
    const from = Math.max(0, end - WINDOW);
    list.push(...(await searchesIn(ledger, from, end)).reverse());
    end = from;
  }
  return list.slice(0, limit);
}

async function searchesIn(ledger: Ledger, from: number, to: number): Promise<RecordedSearch[]> {
  const found: RecordedSearch[] = [];
  for await (const { entries } of ledger.read(from, to)) {
    for (const entry of entries) {
      if (entry.kind === 'search' && entry.sequence >= from && entry.sequence < to) found.push(listed(entry));
    }
  }
  return found;
}

function listed({ sequence, time, actor, aside, asOf, total, shown }: SearchEntry): RecordedSearch {
  return { search: sequence, at: time, actor, query: aside === 'erased' ? null : aside.query, asOf, total, shown };
}
