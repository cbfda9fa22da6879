import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { AsideOf, EntryOf } from '#ledger';
import { integer, type Row, text } from './rows.ts';

/** A configured origin. Its password is not here. */
export interface SourceRecord extends AsideOf<'source-changed'> {
  readonly id: string;
  readonly type: EntryOf<'source-changed'>['type'];
}

/** One run of one source, with its sum. */
export interface CollectionRecord {
  readonly id: string;
  readonly source: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly found: number;
  readonly captured: number;
  readonly alreadyArchived: number;
  readonly failed: number;
  readonly ignored: number;
}

function sourceOf(row: Row): SourceRecord {
  const type = text(row, 'type') === 'imap' ? 'imap' : 'import';
  return { id: text(row, 'id'), type, ...(JSON.parse(text(row, 'detail')) as AsideOf<'source-changed'>) };
}

function collectionOf(row: Row): CollectionRecord {
  return {
    id: text(row, 'id'),
    source: text(row, 'source'),
    startedAt: integer(row, 'started'),
    endedAt: integer(row, 'ended'),
    found: integer(row, 'found'),
    captured: integer(row, 'captured'),
    alreadyArchived: integer(row, 'already'),
    failed: integer(row, 'failed'),
    ignored: integer(row, 'ignored'),
  };
}

/** Where mail comes from, and what each run brought. */
export class Sources {
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #all: StatementSync;
  readonly #collected: StatementSync;
  readonly #collections: StatementSync;
  #names: ReadonlyMap<string, string> | undefined;

  constructor(db: DatabaseSync) {
    this.#put = db.prepare('insert or replace into source (id, type, sequence, detail) values (?, ?, ?, ?)');
    this.#remove = db.prepare('delete from source where id = ?');
    this.#all = db.prepare('select * from source order by sequence');
    this.#collected = db.prepare('insert into collection values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
    this.#collections = db.prepare('select * from collection where source = ? order by sequence desc limit ?');
  }

  changed(entry: EntryOf<'source-changed'>): void {
    this.#names = undefined;
    if (entry.action === 'removed' || entry.aside === 'erased') this.#remove.run(entry.source);
    else this.#put.run(entry.source, entry.type, entry.sequence, JSON.stringify(entry.aside));
  }

  collected(entry: EntryOf<'collection'>): void {
    const { sequence, source, collection, startedAt, time, found, captured, alreadyArchived, failed, ignored } = entry;
    this.#collected.run(
      sequence,
      source,
      collection,
      startedAt,
      time,
      found,
      captured,
      alreadyArchived,
      failed,
      ignored,
    );
  }

  all(): SourceRecord[] {
    return this.#all.all().map((row) => sourceOf(row));
  }

  /** How people call it. Kept in memory: it is asked for each message that is captured under a hold. */
  nameOf(id: string): string | undefined {
    this.#names ??= new Map(this.all().map((source) => [source.id, source.name]));
    return this.#names.get(id);
  }

  /** After a rollback. */
  forgetCached(): void {
    this.#names = undefined;
  }

  byName(name: string): SourceRecord | undefined {
    return this.all().find((source) => source.type === 'imap' && source.name === name);
  }

  byId(id: string): SourceRecord | undefined {
    return this.all().find((source) => source.id === id);
  }

  /** The newest runs of a source, newest first. */
  collections(source: string, limit = 20): CollectionRecord[] {
    return this.#collections.all(source, limit).map((row) => collectionOf(row));
  }
}
