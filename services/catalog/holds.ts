import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { asSequence, type Sequence } from '#kernel';
import type { EntryOf } from '#ledger';
import { integer, integerOrNull, type Row, text } from './rows.ts';

export interface HoldRecord {
  readonly id: string;
  readonly sequence: Sequence;
  readonly matter: string;
  readonly query: string;
  readonly reason: string;
  readonly placedAt: number;
  readonly releasedAt: number | null;
  /** Sequence of its release. */
  readonly releasedBy: Sequence | null;
  /** Whether storage's flags follow: set on all that matched when it was placed, and lifted again after its release. */
  readonly swept: boolean;
}

function recordOf(row: Row): HoldRecord {
  const swept = integerOrNull(row, 'swept');
  const releasedBy = integerOrNull(row, 'released_by');
  const decided = releasedBy ?? integer(row, 'sequence');
  return {
    id: text(row, 'id'),
    sequence: asSequence(integer(row, 'sequence')),
    matter: text(row, 'matter'),
    query: text(row, 'query'),
    reason: text(row, 'reason'),
    placedAt: integer(row, 'placed'),
    releasedAt: integerOrNull(row, 'released'),
    releasedBy: releasedBy === null ? null : asSequence(releasedBy),
    swept: swept !== null && swept >= decided,
  };
}

/** Legal holds, and the messages each is known to match. */
export class Holds {
  readonly #place: StatementSync;
  readonly #swept: StatementSync;
  readonly #release: StatementSync;
  readonly #match: StatementSync;
  readonly #matchRange: StatementSync;
  readonly #forget: StatementSync;
  readonly #all: StatementSync;
  readonly #matches: StatementSync;
  readonly #count: StatementSync;
  readonly #ofMessage: StatementSync;
  readonly #held: StatementSync;
  #active: readonly HoldRecord[] | undefined;

  constructor(db: DatabaseSync) {
    this.#place = db.prepare(
      'insert or ignore into hold (id, sequence, matter, query, reason, placed) values (?, ?, ?, ?, ?, ?)',
    );
    this.#swept = db.prepare('update hold set swept = ? where id = ?');
    this.#release = db.prepare('update hold set released = ?, released_by = ? where id = ?');
    this.#match = db.prepare('insert or ignore into hold_match (hold, message, since) values (?, ?, ?)');
    this.#matchRange = db.prepare(
      'insert or ignore into hold_match (hold, message, since) select ?, sequence, ? from message where sequence >= ? and sequence < ?',
    );
    this.#forget = db.prepare('delete from hold_match where message = ?');
    this.#all = db.prepare('select * from hold order by sequence');
    this.#matches = db.prepare(
      'select message from hold_match where hold = ? and message >= ? order by message limit 1000',
    );
    this.#count = db.prepare('select count(*) as messages from hold_match where hold = ?');
    this.#held = db.prepare(
      `select m.message from hold_match m join hold h on h.id = m.hold
       where m.since <= ? and h.sequence <= ? and (h.released_by is null or h.released_by > ?)`,
    );
    this.#ofMessage = db.prepare(
      'select h.* from hold_match m join hold h on h.id = m.hold where m.message = ? and h.released is null order by h.sequence',
    );
  }

  placed(entry: EntryOf<'hold-placed'>): void {
    // An erased sidecar line leaves no query to judge by; "*" holds everything: what cannot be judged is held.
    const { query, reason } = entry.aside === 'erased' ? { query: '*', reason: '' } : entry.aside;
    this.#place.run(entry.hold, entry.sequence, entry.matter, query, reason, entry.time);
    this.#active = undefined;
  }

  /** After a rollback. */
  forgetCached(): void {
    this.#active = undefined;
  }

  applied(entry: EntryOf<'hold-applied'>): void {
    for (const [from, to] of entry.captures) this.#matchRange.run(entry.hold, entry.sequence, from, to);
  }

  swept(entry: EntryOf<'hold-swept'>): void {
    this.#swept.run(entry.through, entry.hold);
    this.#active = undefined;
  }

  released(entry: EntryOf<'hold-released'>): void {
    this.#release.run(entry.time, entry.sequence, entry.hold);
    this.#active = undefined;
  }

  /** Holds that an arriving sighting was found to match, by the entry that says so. */
  matched(
    { holds, sequence }: { readonly holds: readonly string[]; readonly sequence: Sequence },
    message: Sequence,
  ): void {
    for (const hold of holds) this.#match.run(hold, message, sequence);
  }

  forget(message: Sequence): void {
    this.#forget.run(message);
  }

  all(): HoldRecord[] {
    return this.#all.all().map((row) => recordOf(row));
  }

  byId(id: string): HoldRecord | undefined {
    return this.all().find((hold) => hold.id === id);
  }

  /** Holds whose last sweep, after placing or releasing, was not completed: a crash lies between. */
  unswept(): HoldRecord[] {
    return this.all().filter((hold) => !hold.swept);
  }

  /** Holds placed and not released. Kept in memory: every capture is judged against them. */
  active(): readonly HoldRecord[] {
    this.#active ??= this.all().filter((hold) => hold.releasedAt === null);
    return this.#active;
  }

  /** Messages recorded to match, ascending, read in pages: the caller may write between them. */
  *messagesOf(hold: string): IterableIterator<Sequence> {
    for (let next = 0; ;) {
      const page = this.#matches.all(hold, next).map((row) => asSequence(integer(row, 'message')));
      yield* page;
      const last = page.at(-1);
      if (last === undefined) return;
      next = last + 1;
    }
  }

  /** Messages that a hold was on, by what was recorded at or below `asOf`; repeats are possible. */
  heldAsOf(asOf: number): Sequence[] {
    return this.#held.all(asOf, asOf, asOf).map((row) => asSequence(integer(row, 'message')));
  }

  countOf(hold: string): number {
    return integer(this.#count.get(hold) ?? {}, 'messages');
  }

  /** Active holds that this message is recorded to match. */
  onMessage(message: Sequence): HoldRecord[] {
    return this.#ofMessage.all(message).map((row) => recordOf(row));
  }
}
