import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { asSequence, type Sequence } from '#kernel';
import type { EntryOf } from '#ledger';
import { integer, type Row, text } from './rows.ts';

/** A query that a matter keeps under a name. */
export interface SavedSearchRecord {
  readonly id: string;
  readonly matter: string;
  /** The entry that says what it asks now. */
  readonly sequence: Sequence;
  /** No other of the matter has it. */
  readonly name: string;
  readonly query: string;
  readonly savedAt: number;
  readonly savedBy: string;
}

function recordOf(row: Row): SavedSearchRecord {
  return {
    id: text(row, 'id'),
    matter: text(row, 'matter'),
    sequence: asSequence(integer(row, 'sequence')),
    name: text(row, 'name'),
    query: text(row, 'query'),
    savedAt: integer(row, 'saved'),
    savedBy: text(row, 'actor'),
  };
}

/** What matters keep to ask again: the last query under each name. */
export class SavedSearches {
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #ofMatter: StatementSync;

  constructor(db: DatabaseSync) {
    // Of two that took one name at once the first has it, and whoever was second is told so.
    this.#put = db.prepare(
      `insert into saved_search (id, matter, sequence, saved, actor, name, query) values (?, ?, ?, ?, ?, ?, ?)
       on conflict (id) do update set
         sequence = excluded.sequence, saved = excluded.saved, actor = excluded.actor, query = excluded.query
       on conflict (matter, name) do nothing`,
    );
    this.#remove = db.prepare('delete from saved_search where id = ?');
    this.#ofMatter = db.prepare('select * from saved_search where matter = ? order by name');
  }

  saved(entry: EntryOf<'search-saved'>): void {
    const { saved, matter, sequence, time, actor, aside } = entry;
    // Nobody can say any more what it asks; what was under that name before is not what was saved last.
    if (aside === 'erased') this.#remove.run(saved);
    else this.#put.run(saved, matter, sequence, time, actor, aside.name, aside.query);
  }

  discarded(entry: EntryOf<'search-discarded'>): void {
    this.#remove.run(entry.saved);
  }

  /** Of one matter, by name. */
  ofMatter(matter: string): SavedSearchRecord[] {
    return this.#ofMatter.all(matter).map((row) => recordOf(row));
  }

  /** In one matter, by its name or id. */
  find(matter: string, nameOrId: string): SavedSearchRecord | undefined {
    const own = this.ofMatter(matter);
    return own.find(({ name }) => name === nameOrId) ?? own.find(({ id }) => id === nameOrId);
  }
}
