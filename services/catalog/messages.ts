import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { asDigest, asSequence, type Digest, type Sequence } from '#kernel';
import type { EntryOf } from '#ledger';
import { hex, integer, integerOrNull, type Row, text } from './rows.ts';

/** `disposing`: ordered, not yet certified. */
export type MessageState = 'archived' | 'disposing' | 'disposed';
const states: readonly MessageState[] = ['archived', 'disposing', 'disposed'];

/** One generation of one message. Its `sequence`, the capture's, names it within the archive. */
export interface MessageRecord {
  readonly sequence: Sequence;
  readonly digest: Digest;
  readonly generation: number;
  readonly size: number;
  /** Ledger time of the capture, milliseconds since 1970. */
  readonly capturedAt: number;
  readonly flags: readonly string[];
  /** The longest retention that any sighting was recorded with; `null`: none. */
  readonly retainUntil: number | null;
  readonly state: MessageState;
}

function recordOf(row: Row): MessageRecord {
  const flags = text(row, 'flags');
  return {
    sequence: asSequence(integer(row, 'sequence')),
    digest: asDigest(hex(row, 'digest')),
    generation: integer(row, 'generation'),
    size: integer(row, 'size'),
    capturedAt: integer(row, 'captured'),
    flags: flags === '' ? [] : flags.split(' '),
    retainUntil: integerOrNull(row, 'retain'),
    state: states[integer(row, 'state')] ?? 'archived',
  };
}

/** Which messages there are, and in what state. */
export class Messages {
  readonly #insert: StatementSync;
  readonly #setState: StatementSync;
  readonly #lengthen: StatementSync;
  readonly #unread: StatementSync;
  readonly #byDigest: StatementSync;
  readonly #archived: StatementSync;
  readonly #earlier: StatementSync;
  readonly #newest: StatementSync;
  readonly #longest: StatementSync;
  readonly #twice: StatementSync;
  readonly #exact: StatementSync;
  readonly #bySequence: StatementSync;
  readonly #byPrefix: StatementSync;
  readonly #withPrefix: StatementSync;
  readonly #page: StatementSync;
  readonly #flagged: StatementSync;
  readonly #totals: StatementSync;

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare(
      'insert or ignore into message (sequence, digest, generation, size, captured, flags, retain) values (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#setState = db.prepare('update message set state = ? where sequence = ?');
    this.#lengthen = db.prepare('update message set retain = max(coalesce(retain, 0), ?) where sequence = ?');
    this.#unread = db.prepare('insert or ignore into unread (message) values (?)');
    this.#byDigest = db.prepare('select * from message where digest = ? order by generation desc limit 1');
    this.#archived = db.prepare('select * from message where digest = ? and state = 0 order by generation desc');
    this.#earlier = db.prepare('select * from message where digest = ? and generation < ? order by generation desc');
    this.#newest = db.prepare(
      'select captured from message where sequence < ? and state = 0 order by sequence desc limit 1',
    );
    this.#longest = db.prepare('select max(retain) as retain from message where state = 0');
    this.#twice = db.prepare(
      'select digest from message where state = 0 group by digest having count(*) > 1 order by min(sequence)',
    );
    this.#exact = db.prepare('select sequence from message where digest = ? and generation = ?');
    this.#bySequence = db.prepare('select * from message where sequence = ?');
    this.#byPrefix = db.prepare(
      // With max() SQLite takes the other columns from the same row: the newest generation of each digest.
      'select *, max(generation) from message where digest >= ? and digest <= ? group by digest order by digest limit 3',
    );
    this.#withPrefix = db.prepare('select sequence from message where digest >= ? and digest <= ?');
    this.#page = db.prepare('select * from message where sequence >= ? and sequence < ? order by sequence limit 1000');
    this.#flagged = db.prepare(
      `select sequence, digest, generation, size, captured, retain, state,
       case when u.message is null then flags else trim(flags || ' parse-failed') end as flags
       from message m left join unread u on u.message = m.sequence
       where flags <> '' or u.message is not null order by sequence`,
    );
    this.#totals = db.prepare(
      'select count(*) as messages, coalesce(sum(case when state = 2 then 0 else size end), 0) as bytes, coalesce(sum(state = 2), 0) as disposed from message',
    );
  }

  /** Folds a capture. Answers the sequence that names the message: an earlier one where it was captured before. */
  captured(entry: EntryOf<'capture'> | EntryOf<'recovered'>): Sequence {
    const digest = Buffer.from(entry.digest, 'hex');
    const { sequence, generation, size, time } = entry;
    const added = this.#insert.run(
      sequence,
      digest,
      generation,
      size,
      time,
      entry.flags.join(' '),
      entry.retainUntil ?? null,
    );
    if (added.changes === 1) return sequence;
    return this.sequenceOf(entry.digest, generation) ?? sequence;
  }

  /** A later sighting may have to be kept longer. */
  retain(sequence: Sequence, until: number): void {
    this.#lengthen.run(until, sequence);
  }

  /** Nobody can tell what it says: its bytes are damaged, and what was read of them at its capture is lost. Not from the ledger. */
  unread(sequence: Sequence): void {
    this.#unread.run(sequence);
  }

  setState(sequence: Sequence, state: MessageState): void {
    this.#setState.run(states.indexOf(state), sequence);
  }

  sequenceOf(digest: Digest, generation: number): Sequence | undefined {
    const row = this.#exact.get(Buffer.from(digest, 'hex'), generation);
    return row === undefined ? undefined : asSequence(integer(row, 'sequence'));
  }

  /** The newest generation of a message. */
  byDigest(digest: Digest): MessageRecord | undefined {
    const row = this.#byDigest.get(Buffer.from(digest, 'hex'));
    return row === undefined ? undefined : recordOf(row);
  }

  /** The generations of a message that are archived, newest first: one at most, unless the ledger says what it must not. */
  archivedOf(digest: Digest): MessageRecord[] {
    return this.#archived.all(Buffer.from(digest, 'hex')).map((row) => recordOf(row));
  }

  /** The generations of a message before one of it, newest first. */
  before({ digest, generation }: MessageRecord): MessageRecord[] {
    return this.#earlier.all(Buffer.from(digest, 'hex'), generation).map((row) => recordOf(row));
  }

  /** When the newest message that is archived was captured, of those before a sequence. */
  newestCapture(before: number): number | undefined {
    const row = this.#newest.get(before);
    return row === undefined ? undefined : integer(row, 'captured');
  }

  /** The latest `retainUntil` of what is archived. Reads all messages. */
  retainUntilMax(): number | null {
    return integerOrNull(this.#longest.get() ?? { retain: null }, 'retain');
  }

  /** Digests of which several generations are archived. */
  archivedTwice(): Digest[] {
    return this.#twice.all().map((row) => asDigest(hex(row, 'digest')));
  }

  bySequence(sequence: Sequence): MessageRecord | undefined {
    const row = this.#bySequence.get(sequence);
    return row === undefined ? undefined : recordOf(row);
  }

  /** The newest generations of the digests that begin so, at most three: to resolve what a person typed. */
  byPrefix(prefix: string): MessageRecord[] {
    const low = Buffer.from(prefix.padEnd(64, '0'), 'hex');
    const high = Buffer.from(prefix.padEnd(64, 'f'), 'hex');
    return this.#byPrefix.all(low, high).map((row) => recordOf(row));
  }

  /** Every generation of the digests that begin so. */
  withPrefix(prefix: string): Sequence[] {
    const low = Buffer.from(prefix.padEnd(64, '0'), 'hex');
    const high = Buffer.from(prefix.padEnd(64, 'f'), 'hex');
    return this.#withPrefix.all(low, high).map((row) => asSequence(integer(row, 'sequence')));
  }

  /** Messages with flags, of which few have any that matter; what is unread has `parse-failed` here. */
  flagged(): MessageRecord[] {
    return this.#flagged.all().map((row) => recordOf(row));
  }

  /** All generations in every state with `from <= sequence < to`, ascending, read in pages. */
  *range(from = 0, to = Number.MAX_SAFE_INTEGER): IterableIterator<MessageRecord> {
    let next = from;
    for (;;) {
      const rows = this.#page.all(next, to).map((row) => recordOf(row));
      yield* rows;
      const last = rows.at(-1);
      if (last === undefined) return;
      next = last.sequence + 1;
    }
  }

  /** `messages` counts all generations ever captured; `bytes` only what is still there. */
  totals(): { messages: number; bytes: number; disposed: number } {
    const row = this.#totals.get() ?? {};
    return { messages: integer(row, 'messages'), bytes: integer(row, 'bytes'), disposed: integer(row, 'disposed') };
  }
}
