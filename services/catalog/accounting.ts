import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EntryOf } from '#ledger';
import { integer, text } from './rows.ts';

/** A listed message that could not be fetched, and how often it was tried. */
export interface QuarantineRecord {
  readonly source: string;
  readonly mailbox: string;
  readonly uid: number;
  readonly code: string;
  readonly attempts: number;
}

/**
 * Which UIDs the ledger accounts for, per (source, mailbox, UIDVALIDITY): captured, or gone before capture. What remains to
 * be fetched is what the server lists minus this; there is no cursor that could run ahead.
 */
export class Accounting {
  readonly #add: StatementSync;
  readonly #uids: StatementSync;
  readonly #quarantine: StatementSync;
  readonly #release: StatementSync;
  readonly #quarantined: StatementSync;
  readonly #attempts: StatementSync;

  constructor(db: DatabaseSync) {
    this.#add = db.prepare('insert or ignore into mailbox_uid (epoch, uid) values (?, ?)');
    this.#uids = db.prepare('select uid from mailbox_uid where epoch = ? and uid >= ? order by uid limit 10000');
    this.#quarantine = db.prepare(
      'insert or replace into quarantine (epoch, uid, source, code, attempts, mailbox) values (?, ?, ?, ?, ?, ?)',
    );
    this.#release = db.prepare('delete from quarantine where epoch = ? and uid = ?');
    this.#quarantined = db.prepare('select * from quarantine where source = ? order by mailbox, uid');
    this.#attempts = db.prepare('select attempts from quarantine where epoch = ? and uid = ?');
  }

  accounted(entry: EntryOf<'capture'> | EntryOf<'sighting'> | EntryOf<'gone'>): void {
    if (entry.mailboxEpoch === undefined || entry.uid === undefined) return;
    const epoch = Buffer.from(entry.mailboxEpoch, 'hex');
    this.#add.run(epoch, entry.uid);
    this.#release.run(epoch, entry.uid);
  }

  quarantined(entry: EntryOf<'quarantined'>): void {
    const mailbox = entry.aside === 'erased' ? '' : entry.aside.mailbox;
    this.#quarantine.run(
      Buffer.from(entry.mailboxEpoch, 'hex'),
      entry.uid,
      entry.source,
      entry.code,
      entry.attempts,
      mailbox,
    );
  }

  /** Accounted UIDs of one mailbox epoch as inclusive ranges, ascending and disjoint. */
  uidRanges(mailboxEpoch: string): [from: number, to: number][] {
    const epoch = Buffer.from(mailboxEpoch, 'hex');
    const ranges: [number, number][] = [];
    for (let next = 0; ;) {
      const page = this.#uids.all(epoch, next).map((row) => integer(row, 'uid'));
      for (const uid of page) {
        const last = ranges.at(-1);
        if (last !== undefined && last[1] + 1 === uid) last[1] = uid;
        else ranges.push([uid, uid]);
      }
      const last = page.at(-1);
      if (last === undefined) return ranges;
      next = last + 1;
    }
  }

  attempts(mailboxEpoch: string, uid: number): number {
    const row = this.#attempts.get(Buffer.from(mailboxEpoch, 'hex'), uid);
    return row === undefined ? 0 : integer(row, 'attempts');
  }

  inQuarantine(source: string): QuarantineRecord[] {
    return this.#quarantined.all(source).map((row) => ({
      source: text(row, 'source'),
      mailbox: text(row, 'mailbox'),
      uid: integer(row, 'uid'),
      code: text(row, 'code'),
      attempts: integer(row, 'attempts'),
    }));
  }
}
