import { asDigest, type Sequence } from '#kernel';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { decodeDocument } from '../../document-codec.ts';
import { marksOf } from '../../document-marks.ts';
import { engineText } from '../../named-text.ts';
import { searchColumns, type SearchDocument } from '../../search-document.ts';
import { SearchFault } from '../../search-fault.ts';
import type { IndexChange, IndexDocument, IndexedMessage } from '../../search-index.ts';
import { markToken, textColumns } from './schema.ts';
import { LIST_ALL } from './vocabulary.ts';

/** Everything that changes the index, and reads back what was stored. */
export class Writer {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #index: StatementSync;
  readonly #unindex: StatementSync;
  readonly #delete: StatementSync;
  readonly #select: StatementSync;
  readonly #ranged: StatementSync;
  readonly #remember: StatementSync;
  readonly #wasRemoved: StatementSync;
  readonly #removed: StatementSync;
  readonly #known: StatementSync;
  readonly #position: StatementSync;
  readonly #unlist: StatementSync;
  readonly #isListed: StatementSync;
  readonly #toBeListed: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    const columns = textColumns.join(', ');
    const marks = textColumns.map(() => '?').join(', ');
    this.#insert = database.prepare(
      'insert or ignore into message (sequence, digest, date, size, encoded) values (?, ?, ?, ?, ?)',
    );
    this.#index = database.prepare(`insert into words (rowid, ${columns}) values (?, ${marks})`);
    this.#unindex = database.prepare(`insert into words (words, rowid, ${columns}) values ('delete', ?, ${marks})`);
    this.#delete = database.prepare('delete from message where sequence = ?');
    this.#select = database.prepare('select digest, encoded from message where sequence = ?');
    this.#ranged = database.prepare('select date, size from message where sequence = ?');
    this.#remember = database.prepare('insert or ignore into removed (sequence) values (?)');
    this.#wasRemoved = database.prepare('select 1 from removed where sequence = ?');
    this.#removed = database.prepare('select sequence from removed order by sequence');
    // Whoever writes to the file can put any number there.
    this.#removed.setReadBigInts(true);
    this.#known = database.prepare(
      'select 1 from message where sequence = ?1 union all select 1 from removed where sequence = ?1',
    );
    this.#toBeListed = database.prepare('insert or ignore into unlisted (sequence) values (?)');
    this.#unlist = database.prepare('delete from unlisted where sequence = ?');
    this.#isListed = database.prepare('select 1 from vocabulary limit 1');
    this.#position = database.prepare(
      `insert into state (key, value) values ('position', ?)
       on conflict (key) do update set value = max(value, excluded.value)`,
    );
  }

  /**
   * One transaction: a process that is killed leaves all of it or nothing, and never a position ahead of what is in.
   * @returns what was added
   * @throws SearchFault `index-unavailable` when removed words could not be cleared from the log: apply the same again
   */
  apply(change: IndexChange): Sequence[] {
    this.#database.exec('begin immediate');
    const added: Sequence[] = [];
    try {
      for (const sequence of change.removed) this.#remove(sequence);
      if (change.removed.length > 0) this.#unlistAll();
      for (const document of change.documents) if (this.#add(document)) added.push(document.sequence);
      this.#position.run(change.through);
      this.#database.exec('commit');
    } catch (thrown) {
      if (this.#database.isTransaction) this.#database.exec('rollback');
      throw thrown;
    }
    if (change.removed.length > 0 && !this.checkpoint()) throw remains();
    return added;
  }

  /** Whether it is in, or was removed. */
  knows(sequence: number): boolean {
    return this.#known.get(sequence) !== undefined;
  }

  removed(): readonly number[] {
    return this.#removed.all().map(({ sequence }) => Number(sequence));
  }

  read(sequence: number): IndexedMessage | undefined {
    const row = this.#select.get(sequence);
    if (row === undefined) return undefined;
    const { digest, encoded } = row;
    const bytes = digest instanceof Uint8Array ? digest : new Uint8Array();
    return {
      digest: asDigest(Buffer.from(bytes).toString('hex')),
      document: decodeDocument(encoded instanceof Uint8Array ? encoded : new Uint8Array()),
    };
  }

  /** Whether it is stored in these very bytes. */
  hasExactly({ sequence, digest, encoded }: IndexDocument): boolean {
    const row = this.#select.get(sequence);
    const isStored = (value: unknown, bytes: Uint8Array) =>
      value instanceof Uint8Array && Buffer.compare(value, bytes) === 0;
    return (
      row !== undefined && isStored(row['digest'], Buffer.from(digest, 'hex')) && isStored(row['encoded'], encoded)
    );
  }

  /** By which it is sorted, and found in ranges. */
  rangedOf(sequence: number): { readonly date: unknown; readonly size: unknown } {
    const { date, size } = this.#ranged.get(sequence) ?? {};
    return { date, size };
  }

  /**
   * Everything into the main file, and the log to nothing: what was overwritten there stands in no other file.
   * @returns false where another reader of the file prevents it for now
   */
  checkpoint(): boolean {
    return this.#database.prepare('pragma wal_checkpoint(truncate)').get()?.['busy'] === 0;
  }

  #add({ sequence, digest, encoded }: IndexDocument): boolean {
    if (this.#wasRemoved.get(sequence) !== undefined) return false;
    const document = decodeDocument(encoded);
    const { date, size } = document.display;
    const { changes } = this.#insert.run(sequence, Buffer.from(digest, 'hex'), date, size, encoded);
    if (changes !== 1) return false;
    this.#index.run(sequence, ...textsOf(document));
    this.#toBeListed.run(sequence);
    return true;
  }

  /**
   * Of a row that is deleted SQLite overwrites its place, and not the places where it was before pages were divided. Of a whole table
   * it overwrites every page.
   */
  #unlistAll(): void {
    if (this.#isListed.get() === undefined) return;
    this.#database.exec('delete from vocabulary');
    this.#toBeListed.run(LIST_ALL);
  }

  #remove(sequence: Sequence): void {
    const stored = this.read(sequence);
    if (stored !== undefined) {
      this.#unindex.run(sequence, ...textsOf(stored.document));
      this.#delete.run(sequence);
      this.#unlist.run(sequence);
    }
    this.#remember.run(sequence);
  }
}

/** What is indexed of a document, column by column. */
export function textsOf(document: SearchDocument): string[] {
  const { columns, named } = document;
  const marks = marksOf(document).map(markToken).join(' ');
  return [...searchColumns.map((column) => columns[column]), engineText(named), marks];
}

function remains(): SearchFault {
  return new SearchFault('index-unavailable', 'removed messages are still in the log of the search index', {
    remedy: 'Stop other processes that read the index file, then let the removal run again.',
  });
}
