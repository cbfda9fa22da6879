import { messageOf } from '#kernel';
import { SearchFault } from '../../search-fault.ts';

// Primary result codes, https://sqlite.org/rescode.html
const DAMAGED = new Set([11 /* CORRUPT */, 26 /* NOTADB */]);
const UNAVAILABLE = new Set([3, 5, 6, 7, 8, 10, 13, 14] /* PERM BUSY LOCKED NOMEM READONLY IOERR FULL CANTOPEN */);

/** Runs what touches the index file; what SQLite says of broken and refused storage becomes a fault with a remedy. */
export function withSqliteFaults<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw translated(thrown);
  }
}

function translated(thrown: unknown): unknown {
  const code = typeof thrown === 'object' && thrown !== null && 'errcode' in thrown ? Number(thrown.errcode) & 0xff : 0;
  if (DAMAGED.has(code)) {
    return new SearchFault('index-damaged', `the search index is damaged: ${messageOf(thrown)}`, {
      remedy: 'Rebuild the search index from the archive; nothing else is affected.',
      cause: thrown,
    });
  }
  if (UNAVAILABLE.has(code)) {
    return new SearchFault('index-unavailable', `the search index cannot be used now: ${messageOf(thrown)}`, {
      remedy: 'Check free space and permissions of its folder, and that no other process uses it.',
      cause: thrown,
    });
  }
  return thrown;
}
