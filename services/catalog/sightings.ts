import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { asSequence, type Sequence } from '#kernel';
import type { AsideOf, EntryOf } from '#ledger';
import { hex, integer, type Row, text } from './rows.ts';

type SightingEntry = EntryOf<'capture'> | EntryOf<'sighting'>;
type SightingDetail = Omit<AsideOf<'sighting'>, 'custodian' | 'mailbox'>;

/** One place and time a message was seen. */
export interface SightingRecord extends SightingDetail {
  readonly sequence: Sequence;
  readonly message: Sequence;
  readonly source: string;
  readonly key: string;
  readonly custodian: string;
  readonly mailbox: string;
  readonly seenAt: number;
}

const UNKNOWN_PLACE = { custodian: '', mailbox: '' };
const selectSighting = 'select s.*, p.custodian, p.mailbox from sighting s join place p on p.id = s.place';

function recordOf(row: Row): SightingRecord {
  const detail = JSON.parse(text(row, 'detail')) as SightingDetail;
  return {
    sequence: asSequence(integer(row, 'sequence')),
    message: asSequence(integer(row, 'message')),
    source: text(row, 'source'),
    key: hex(row, 'key'),
    custodian: text(row, 'custodian'),
    mailbox: text(row, 'mailbox'),
    seenAt: integer(row, 'seen'),
    ...detail,
  };
}

/** Where every message was seen. Equal sighting keys are one sighting, however often they were recorded. */
export class Sightings {
  readonly #insert: StatementSync;
  readonly #repeat: StatementSync;
  readonly #repeats: StatementSync;
  readonly #known: StatementSync;
  readonly #ofMessage: StatementSync;
  readonly #remove: StatementSync;
  readonly #placeId: StatementSync;
  readonly #addPlace: StatementSync;
  readonly #dropPlace: StatementSync;
  readonly #places: StatementSync;
  readonly #inPlace: StatementSync;
  readonly #bySource: StatementSync;
  readonly #fromSource: StatementSync;
  readonly #count: StatementSync;
  readonly #placeIds = new Map<string, number>();

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare(
      'insert into sighting (sequence, message, place, source, key, seen, detail) values (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#repeat = db.prepare('insert or ignore into sighting_repeat (sequence, message) values (?, ?)');
    this.#repeats = db.prepare('select sequence from sighting_repeat where message = ?');
    this.#known = db.prepare('select 1 from sighting where key = ?');
    this.#ofMessage = db.prepare(
      `${selectSighting} where s.sequence = ?1 and s.message = ?1 union all ${selectSighting} where s.message = ?1 and s.message <> s.sequence`,
    );
    this.#remove = db.prepare('delete from sighting where sequence = ?');
    this.#placeId = db.prepare('select id from place where custodian = ? and mailbox = ?');
    this.#addPlace = db.prepare('insert into place (custodian, mailbox) values (?, ?) returning id');
    this.#dropPlace = db.prepare(
      'delete from place where id = ? and not exists (select 1 from sighting where place = place.id)',
    );
    this.#places = db.prepare('select id, custodian, mailbox from place');
    this.#inPlace = db.prepare('select message from sighting where place = ? and sequence < ?');
    this.#bySource = db.prepare('select distinct source from sighting');
    this.#fromSource = db.prepare('select message from sighting where source = ? and sequence < ?');
    this.#count = db.prepare('select count(*) as sightings from sighting');
  }

  record(entry: SightingEntry, message: Sequence): void {
    const { sequence, source, seenAt } = entry;
    if (this.isKnown(entry.sighting)) {
      this.#repeat.run(sequence, message);
      return;
    }
    const aside = entry.aside === 'erased' ? undefined : entry.aside;
    const { custodian, mailbox, ...detail } = aside ?? UNKNOWN_PLACE;
    const place = this.#place(custodian, mailbox);
    const key = Buffer.from(entry.sighting, 'hex');
    this.#insert.run(sequence, message, place, source, key, seenAt, JSON.stringify(detail));
  }

  /** After a rollback: what is remembered of rows may never have been written. */
  forgetCached(): void {
    this.#placeIds.clear();
  }

  isKnown(key: string): boolean {
    return this.#known.get(Buffer.from(key, 'hex')) !== undefined;
  }

  /** The sightings of one message recorded before `asOf`, oldest first. */
  ofMessage(message: Sequence, asOf = Number.MAX_SAFE_INTEGER): SightingRecord[] {
    const rows = this.#ofMessage.all(message).map((row) => recordOf(row));
    return rows.filter((row) => row.sequence < asOf).sort((a, b) => a.sequence - b.sequence);
  }

  /** Every entry that says where a message was seen, repetitions included: whose sidecar lines a disposal erases. */
  entriesOf(message: Sequence): Sequence[] {
    const rows = [...this.#ofMessage.all(message), ...this.#repeats.all(message)];
    return rows.map((row) => asSequence(integer(row, 'sequence'))).sort((a, b) => a - b);
  }

  /** Whether an entry says that the message was seen and no longer says where: its sidecar line was erased. */
  hasUnknownPlace(message: Sequence): boolean {
    // Every line that is there says in which form the message was found.
    return this.ofMessage(message).some((sighting) => !('format' in sighting));
  }

  /** Forgets the sightings of a message that was disposed of, and place names that nothing else uses. */
  forget(message: Sequence): void {
    const rows = this.#ofMessage.all(message);
    for (const row of rows) this.#remove.run(integer(row, 'sequence'));
    for (const place of new Set(rows.map((row) => integer(row, 'place')))) {
      if (this.#dropPlace.run(place).changes === 1) this.#placeIds.clear();
    }
  }

  /**
   * Messages that were seen, before `asOf`, in a place that `matches`; repeats are possible. Consume it without a pause: it
   * reads from an open statement.
   */
  *messagesIn(
    matches: (place: { custodian: string; mailbox: string }) => boolean,
    asOf: number,
  ): IterableIterator<Sequence> {
    for (const row of this.#places.all()) {
      if (!matches({ custodian: text(row, 'custodian'), mailbox: text(row, 'mailbox') })) continue;
      for (const hit of this.#inPlace.iterate(integer(row, 'id'), asOf)) yield asSequence(integer(hit, 'message'));
    }
  }

  /** Messages that were seen, before `asOf`, in exactly this place; repeats are possible. Consume it as `messagesIn`. */
  *messagesAt(
    place: { readonly custodian: string; readonly mailbox: string },
    asOf: number,
  ): IterableIterator<Sequence> {
    const row = this.#placeId.get(place.custodian, place.mailbox);
    if (row === undefined) return;
    for (const hit of this.#inPlace.iterate(integer(row, 'id'), asOf)) yield asSequence(integer(hit, 'message'));
  }

  /** Messages that were seen, before `asOf`, by a source that `matches`; repeats are possible. Reads all sightings. */
  *messagesFrom(matches: (source: string) => boolean, asOf: number): IterableIterator<Sequence> {
    for (const source of this.sources().filter(matches)) {
      for (const hit of this.#fromSource.iterate(source, asOf)) yield asSequence(integer(hit, 'message'));
    }
  }

  /** Ids of the sources in which something was seen. */
  sources(): string[] {
    return this.#bySource.all().map((row) => text(row, 'source'));
  }

  /** Custodians with their mailboxes, sorted. */
  places(): { custodian: string; mailbox: string }[] {
    const places = this.#places
      .all()
      .map((row) => ({ custodian: text(row, 'custodian'), mailbox: text(row, 'mailbox') }));
    return places.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  }

  count(): number {
    return integer(this.#count.get() ?? {}, 'sightings');
  }

  #place(custodian: string, mailbox: string): number {
    const name = `${custodian}\0${mailbox}`;
    const cached = this.#placeIds.get(name);
    if (cached !== undefined) return cached;
    const row = this.#placeId.get(custodian, mailbox) ?? this.#addPlace.get(custodian, mailbox) ?? {};
    const id = integer(row, 'id');
    if (this.#placeIds.size > 10_000) this.#placeIds.clear();
    this.#placeIds.set(name, id);
    return id;
  }
}

function order(place: { readonly custodian: string; readonly mailbox: string }): string {
  return `${place.custodian}\0${place.mailbox}`;
}
