import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { asSequence, messageOf, type Sequence } from '#kernel';
import { appendToTiles, type Entry, entryKinds, type Followed, type LedgerBatch } from '#ledger';
import { Accounting } from './accounting.ts';
import { CatalogFault } from './catalog-fault.ts';
import { Dispositions } from './dispositions.ts';
import { Examinations } from './examinations.ts';
import { fold } from './fold.ts';
import { SqliteHashTiles } from './hash-tiles.ts';
import { Holds } from './holds.ts';
import { LedgerTime } from './ledger-time.ts';
import { Matters } from './matters.ts';
import { Messages } from './messages.ts';
import { integer, text } from './rows.ts';
import { SavedSearches } from './saved-searches.ts';
import { catalogVersion, schema } from './schema.ts';
import { Sightings } from './sightings.ts';
import { Sources } from './sources.ts';
import { TableReader } from './table-reader.ts';

/**
 * What the state is now: the ledger folded into tables. A follower: derived, never the truth, rebuilt by deleting the
 * file. One transaction per batch, so that a reader sees whole batches and a crash leaves an earlier position.
 */
export class Catalog implements Followed, Disposable {
  readonly messages: Messages;
  readonly sightings: Sightings;
  readonly accounting: Accounting;
  readonly holds: Holds;
  readonly matters: Matters;
  readonly savedSearches: SavedSearches;
  readonly sources: Sources;
  readonly dispositions: Dispositions;
  readonly examinations: Examinations;
  readonly ledgerTime: LedgerTime;
  readonly tiles: SqliteHashTiles;
  /** Everything above as rows, for who compares two catalogs. */
  readonly tables: TableReader;
  readonly #db: DatabaseSync;
  #position: number;
  #policy: number;
  #sightingSalt: string | undefined;

  private constructor(db: DatabaseSync) {
    this.#db = db;
    this.messages = new Messages(db);
    this.sightings = new Sightings(db);
    this.accounting = new Accounting(db);
    this.holds = new Holds(db);
    this.matters = new Matters(db);
    this.savedSearches = new SavedSearches(db);
    this.sources = new Sources(db);
    this.dispositions = new Dispositions(db);
    this.examinations = new Examinations(db);
    this.ledgerTime = new LedgerTime(db);
    this.tiles = new SqliteHashTiles(db);
    this.tables = new TableReader(db);
    const position = db.prepare("select value from meta where name = 'position'").get();
    this.#position = position === undefined ? 0 : integer(position, 'value');
    const policy = db.prepare("select value from meta where name = 'policy'").get();
    this.#policy = policy === undefined ? -1 : integer(policy, 'value');
    this.#sightingSalt = this.#meta('sighting-salt');
  }

  /**
   * Opens the catalog in `file` (`:memory:` for none). A file of another version or one that SQLite cannot read is thrown
   * away: its content is derived.
   */
  static open(file: string): Catalog {
    try {
      return Catalog.#openFile(file);
    } catch (first) {
      if (file === ':memory:') throw first;
      Catalog.remove(file);
      return Catalog.#openFile(file);
    }
  }

  /** Opens the file as it is, for checking it. @throws CatalogFault `catalog-damaged` */
  static openAsItIs(file: string): Catalog {
    return Catalog.#openFile(file);
  }

  /** An empty one in a file that SQLite makes, that has no name, and that is gone when it is closed. */
  static openTemporary(): Catalog {
    return Catalog.#openFile('');
  }

  /** Deletes a catalog's files. */
  static remove(file: string): void {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${file}${suffix}`, { force: true });
  }

  static #openFile(file: string): Catalog {
    const db = new DatabaseSync(file);
    try {
      // Derived state: a power cut may cost the file, never the record. Names must be gone when they are deleted.
      db.exec(
        'pragma journal_mode = wal; pragma synchronous = off; pragma secure_delete = on; pragma cache_size = -32000',
      );
      const { user_version: version } = db.prepare('pragma user_version').get() ?? {};
      if (version === 0) db.exec(`begin; ${schema} pragma user_version = ${catalogVersion}; commit`);
      else if (version !== catalogVersion) throw new Error(`catalog version ${String(version)}`);
      return new Catalog(db);
    } catch (cause) {
      db.close();
      throw new CatalogFault('catalog-damaged', `The catalog cannot be opened: ${messageOf(cause)}`, {
        remedy: 'Run `muniment rebuild`.',
        cause,
      });
    }
  }

  /** The sequence up to which the ledger is folded: every entry below it is in. */
  position(): Sequence {
    return asSequence(this.#position);
  }

  /** The last policy entry that is folded: what a judgement made from this catalog may claim to know. -1: none. */
  get policy(): number {
    return this.#policy;
  }

  /** The key of sighting keys, base64; undefined before the first entry is folded. */
  get sightingSalt(): string | undefined {
    return this.#sightingSalt;
  }

  /** Folds one batch. Synchronous within: either the whole batch is in, or nothing of it. */
  apply(batch: LedgerBatch): Promise<void> {
    if (batch.first !== this.#position)
      return Promise.reject(new Error(`catalog at ${this.#position}, batch at ${batch.first}`));
    this.#db.exec('begin immediate');
    try {
      for (const entry of batch.entries) this.#take(entry);
      for (const tile of appendToTiles(this.tiles, batch.first, batch.leafHashes)) {
        this.tiles.put(tile.level, tile.index, tile.hashes);
      }
      const next = batch.first + batch.entries.length;
      this.ledgerTime.took(batch);
      this.#setMeta('position', next);
      const policy = batch.entries.findLast((entry) => entryKinds[entry.kind].policy)?.sequence ?? this.#policy;
      this.#setMeta('policy', policy);
      this.#db.exec('commit');
      this.#position = next;
      this.#policy = policy;
    } catch (cause) {
      this.#db.exec('rollback');
      this.sightings.forgetCached();
      this.holds.forgetCached();
      this.sources.forgetCached();
      return Promise.reject(cause instanceof Error ? cause : new Error(String(cause)));
    }
    return Promise.resolve();
  }

  /** Moves everything from the write-ahead log into the file and empties the log: deleted names are then nowhere. */
  checkpoint(): void {
    this.#db.exec('pragma wal_checkpoint(truncate)');
  }

  /** Each fault of the file itself, in words; among them an index that does not have every row. Reads all of it. */
  check(): string[] {
    const rows = this.#db.prepare('pragma integrity_check').all();
    return rows.map((row) => text(row, 'integrity_check')).filter((finding) => finding !== 'ok');
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  #take(entry: Entry): void {
    if (entry.kind === 'epoch' && entry.aside !== 'erased' && entry.aside.sightingSalt !== undefined) {
      this.#sightingSalt = entry.aside.sightingSalt;
      this.#setMeta('sighting-salt', entry.aside.sightingSalt);
    }
    fold(this, entry);
  }

  #meta(name: string): string | undefined {
    const value = this.#db.prepare('select value from meta where name = ?').get(name)?.['value'];
    return typeof value === 'string' ? value : undefined;
  }

  #setMeta(name: string, value: string | number): void {
    this.#db.prepare('insert or replace into meta (name, value) values (?, ?)').run(name, value);
  }
}
