import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { isDeepStrictEqual } from 'node:util';
import { asDigest } from '#kernel';
import { strongerLock } from '../../blob-lock.ts';
import type { BlobLock, BlobRef } from '../../blob-store.ts';
import type { FrameContent, MessageHeader } from './segment-format.ts';

/** `disposing`: the order is durable, the bytes may still be there. */
export type BlobState = 'live' | 'disposing' | 'disposed';

/** Where one stored copy lies. */
export interface Copy {
  readonly place: number;
  readonly headerBytes: number;
  readonly payloadBytes: number;
}

export interface LocatedBlob extends Copy {
  /** Where the frame of the order lies by which it was disposed of. */
  readonly ordered: number | null;
  readonly size: number;
  readonly encoding: MessageHeader['encoding'];
  readonly lock: BlobLock;
  readonly state: BlobState;
}

const STATES: readonly BlobState[] = ['live', 'disposing', 'disposed'];
const LIVE = 0;
const DISPOSING = 1;
const DISPOSED = 2;

const SCHEMA = `
  CREATE TABLE blobs (digest BLOB NOT NULL, generation INTEGER NOT NULL, place INTEGER NOT NULL, header INTEGER NOT NULL,
    payload INTEGER NOT NULL, size INTEGER NOT NULL, zstd INTEGER NOT NULL, retain INTEGER, hold INTEGER NOT NULL,
    state INTEGER NOT NULL, ordered INTEGER, PRIMARY KEY (digest, generation)) WITHOUT ROWID;
  CREATE INDEX disposing ON blobs (state) WHERE state = ${DISPOSING};
  CREATE TABLE copies (digest BLOB NOT NULL, generation INTEGER NOT NULL, place INTEGER NOT NULL, header INTEGER NOT NULL,
    payload INTEGER NOT NULL, PRIMARY KEY (digest, generation, place)) WITHOUT ROWID;
  CREATE TABLE segments (number INTEGER PRIMARY KEY, name TEXT NOT NULL, scanned INTEGER NOT NULL);
  CREATE TABLE meta (boot TEXT NOT NULL, clean INTEGER NOT NULL, reserved INTEGER NOT NULL DEFAULT 0);
`;
const SCHEMA_VERSION = 3;
/** Whether the destruction has been completed is known to the segments only by their bytes. */
const ROWS = `
  SELECT 'blob ' || lower(hex(digest)) || printf(' %010d', generation) AS key,
    json_array(place, header, payload, size, zstd, retain, hold, state <> ${LIVE}, ordered) AS text FROM blobs
  UNION ALL
  SELECT 'copy ' || lower(hex(digest)) || printf(' %010d %020d', generation, place), json_array(header, payload) FROM copies
  ORDER BY 1`;

function statementsOf(
  db: DatabaseSync,
): Record<
  | 'insert'
  | 'find'
  | 'setLock'
  | 'setState'
  | 'setOrdered'
  | 'insertGone'
  | 'insertCopy'
  | 'copies'
  | 'disposing'
  | 'at'
  | 'scanned',
  StatementSync
> {
  const key = 'digest = ? AND generation = ?';
  return {
    insert: db.prepare(`INSERT OR IGNORE INTO blobs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ${LIVE}, NULL)`),
    find: db.prepare(`SELECT place, header, payload, size, zstd, retain, hold, state, ordered FROM blobs WHERE ${key}`),
    setLock: db.prepare(`UPDATE blobs SET retain = ?, hold = ? WHERE ${key}`),
    setState: db.prepare(`UPDATE blobs SET state = ? WHERE ${key}`),
    setOrdered: db.prepare(`UPDATE blobs SET ordered = ? WHERE ${key}`),
    insertGone: db.prepare(`INSERT OR IGNORE INTO blobs VALUES (?, ?, 0, 0, 0, 0, 0, NULL, 0, ${DISPOSING}, NULL)`),
    insertCopy: db.prepare('INSERT OR IGNORE INTO copies VALUES (?, ?, ?, ?, ?)'),
    copies: db.prepare(`SELECT place, header, payload FROM copies WHERE ${key}`),
    disposing: db.prepare(`SELECT digest, generation FROM blobs WHERE state = ${DISPOSING} LIMIT 1000`),
    at: db.prepare('SELECT digest, generation FROM blobs WHERE place = ?'),
    scanned: db.prepare(
      'INSERT INTO segments VALUES (?, ?, ?) ON CONFLICT (number) DO UPDATE SET name = excluded.name, scanned = excluded.scanned',
    ),
  };
}

/**
 * Which blob lies where, and its state: derived from the segments, in an SQLite file that may vanish. It holds no content. It
 * remembers how far each segment has been read into it, in the same transaction, so that it never claims more than it has.
 */
export class Locator implements Disposable {
  readonly #db: DatabaseSync;
  readonly #statements: ReturnType<typeof statementsOf>;
  readonly #boot: string;
  /** Whether the file says that it is being changed, so that a start after a crash does not rely on it. */
  #marked = false;
  #isDistrusted = false;

  private constructor(db: DatabaseSync, boot: string) {
    this.#db = db;
    this.#boot = boot;
    this.#statements = statementsOf(db);
  }

  /**
   * @param boot what identifies this run of the machine: without a sync the file is whole only until the next one
   * @returns undefined where the file cannot be relied on and has to be made anew
   */
  static open(file: string, boot: string): Locator | undefined {
    const db = new DatabaseSync(file);
    try {
      db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;');
      if (!isReliable(db, boot)) {
        db.close();
        return undefined;
      }
      return new Locator(db, boot);
    } catch {
      db.close();
      return undefined;
    }
  }

  /** An empty one in a file without a name, which ends with it. */
  static temporary(): Locator {
    const made = Locator.open('', '');
    if (made === undefined) throw new Error('a temporary locator cannot be made');
    return made;
  }

  [Symbol.dispose](): void {
    this.close(false);
  }

  find(ref: BlobRef): LocatedBlob | undefined {
    const row = this.#statements.find.get(keyOf(ref), ref.generation);
    if (row === undefined) return undefined;
    return {
      ...copyOf(row),
      size: Number(row['size']),
      encoding: row['zstd'] === 1 ? 'zstd' : 'raw',
      lock: { legalHold: row['hold'] === 1, retainUntil: row['retain'] === null ? null : Number(row['retain']) },
      state: STATES[Number(row['state'])] ?? 'live',
      ordered: row['ordered'] === null ? null : Number(row['ordered']),
    };
  }

  /** All or nothing. */
  transaction(change: () => void): void {
    this.#db.exec('BEGIN');
    try {
      this.#mark();
      change();
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      this.#marked = false;
      throw error;
    }
  }

  /** What a frame means. Frames must come in the order in which they were written. */
  apply(content: FrameContent, copy: Copy): void {
    switch (content.type) {
      case 'message':
        this.#applyMessage(content.header, copy);
        return;
      case 'lock':
        this.#setLock(content.header, content.header.lock);
        return;
      case 'disposal':
        this.#statements.insertGone.run(keyOf(content.header), content.header.generation);
        this.#setState(content.header, DISPOSING);
        this.#statements.setOrdered.run(copy.place, keyOf(content.header), content.header.generation);
        return;
      case 'commit':
        return;
    }
  }

  /** Notes a copy that is not to be read but has to be destroyed with the blob: of a write that was given up or torn. */
  addCopy(ref: BlobRef, copy: Copy): void {
    this.#statements.insertCopy.run(keyOf(ref), ref.generation, copy.place, copy.headerBytes, copy.payloadBytes);
    const state = this.find(ref)?.state;
    if (state === 'disposed') this.#setState(ref, DISPOSING);
  }

  copiesOf(ref: BlobRef): readonly Copy[] {
    return this.#statements.copies.all(keyOf(ref), ref.generation).map(copyOf);
  }

  markDisposed(ref: BlobRef): void {
    this.transaction(() => this.#setState(ref, DISPOSED));
  }

  /** Up to 1,000 blobs whose destruction has not been completed. */
  disposing(): readonly BlobRef[] {
    return this.#statements.disposing.all().map(refOf);
  }

  /** Every blob that there is an order to dispose of, as of now or later. */
  *disposed(): Generator<BlobRef> {
    const page = this.#db.prepare(
      `SELECT digest, generation FROM blobs WHERE state <> ${LIVE} AND (digest, generation) > (?, ?) ORDER BY digest, generation LIMIT 1000`,
    );
    let rows = page.all(Buffer.of(), 0);
    for (let last = refAtEnd(rows); last !== undefined; last = refAtEnd(rows)) {
      yield* rows.map(refOf);
      rows = page.all(keyOf(last), last.generation);
    }
  }

  /** The blob whose frame begins at a place. Slow: only for naming damage. */
  refAt(place: number): BlobRef | undefined {
    const row = this.#statements.at.get(place);
    return row && refOf(row);
  }

  /** Whether a message is read from somewhere in a range of places. Slow: only for what was given up. */
  readsFrom(begin: number, end: number): boolean {
    return this.#db.prepare('SELECT 1 FROM blobs WHERE place >= ? AND place < ? LIMIT 1').get(begin, end) !== undefined;
  }

  setScanned(segment: { readonly number: number; readonly name: string }, scanned: number): void {
    this.#statements.scanned.run(segment.number, segment.name, scanned);
  }

  /** Segment names, and how far each has been read. */
  segments(): ReadonlyMap<string, number> {
    const rows = this.#db.prepare('SELECT name, scanned FROM segments').all();
    return new Map(rows.map((row) => [String(row['name']), Number(row['scanned'])]));
  }

  /** Up to this number segments were given names before the file was made, whether or not they are there. */
  reserved(): number {
    return Number(this.#db.prepare('SELECT reserved FROM meta').get()?.['reserved']);
  }

  reserve(number: number): void {
    this.#db.prepare('UPDATE meta SET reserved = ?').run(number);
  }

  /** Lets the next start make the file anew. */
  distrust(): void {
    this.#db.exec("UPDATE meta SET boot = '', clean = 0");
    this.#isDistrusted = true;
  }

  /**
   * What the file says of every blob and of every further copy, by key ascending, as text: two files that were made from the
   * same segments say the same.
   */
  *rows(): Generator<readonly [key: string, text: string]> {
    for (const { key, text } of this.#db.prepare(ROWS).iterate()) yield [String(key), String(text)];
  }

  /** @param clean false leaves a mark that makes the next start check the whole file */
  close(clean: boolean): void {
    if (clean && !this.#isDistrusted && !this.#isClean()) {
      this.#db.exec('PRAGMA synchronous = FULL; UPDATE meta SET clean = 1; PRAGMA wal_checkpoint(TRUNCATE);');
    }
    this.#db.close();
  }

  #mark(): void {
    if (this.#marked || this.#isDistrusted) return;
    this.#db.prepare('UPDATE meta SET boot = ?, clean = 0').run(this.#boot);
    this.#marked = true;
  }

  #isClean(): boolean {
    return this.#db.prepare('SELECT clean FROM meta').get()?.['clean'] === 1;
  }

  #applyMessage(header: MessageHeader, copy: Copy): void {
    const { lock } = header;
    const { changes } = this.#statements.insert.run(
      keyOf(header),
      header.generation,
      copy.place,
      copy.headerBytes,
      copy.payloadBytes,
      header.size,
      header.encoding === 'zstd' ? 1 : 0,
      lock.retainUntil,
      lock.legalHold ? 1 : 0,
    );
    if (changes === 1) return;
    const known = this.find(header);
    if (known === undefined || known.place === copy.place) return;
    this.addCopy(header, copy);
    if (known.state === 'live') this.#setLock(header, strongerLock(known.lock, lock));
  }

  #setLock(ref: BlobRef, lock: BlobLock): void {
    this.#statements.setLock.run(lock.retainUntil, lock.legalHold ? 1 : 0, keyOf(ref), ref.generation);
  }

  #setState(ref: BlobRef, state: number): void {
    this.#statements.setState.run(state, keyOf(ref), ref.generation);
  }
}

function isReliable(db: DatabaseSync, boot: string): boolean {
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version === 0) {
    db.exec(`BEGIN; ${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION};`);
    db.prepare('INSERT INTO meta VALUES (?, 0, 0)').run(boot);
    db.exec('COMMIT');
    return true;
  }
  if (version !== SCHEMA_VERSION || !hasItsSchema(db)) return false;
  const meta = db.prepare('SELECT boot, clean FROM meta').get();
  if (meta === undefined) return false;
  if (meta['clean'] === 1) return true;
  return meta['boot'] === boot && db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'] === 'ok';
}

/** A trigger or a view in its place would say what the segments do not. */
function hasItsSchema(db: DatabaseSync): boolean {
  using fresh = new DatabaseSync(':memory:');
  fresh.exec(SCHEMA);
  const [found, expected] = [db, fresh].map((each) =>
    each.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2, 3, 4').all(),
  );
  return isDeepStrictEqual(found, expected);
}

function keyOf(ref: BlobRef): Buffer {
  return Buffer.from(ref.digest, 'hex');
}

type Row = Record<string, SQLOutputValue>;

function copyOf(row: Row): Copy {
  return { place: Number(row['place']), headerBytes: Number(row['header']), payloadBytes: Number(row['payload']) };
}

function refAtEnd(rows: readonly Row[]): BlobRef | undefined {
  const last = rows.at(-1);
  return last && refOf(last);
}

function refOf(row: Row): BlobRef {
  const digest = row['digest'];
  if (!ArrayBuffer.isView(digest)) throw new TypeError('the locator has a digest that is not bytes');
  return {
    digest: asDigest(Buffer.from(digest.buffer, digest.byteOffset, digest.byteLength).toString('hex')),
    generation: Number(row['generation']),
  };
}
