import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { asSequence, type Sequence } from '#kernel';
import type { EntryOf } from '#ledger';
import { integer, integerOrNull, type Row, text } from './rows.ts';

type Examined = EntryOf<'storage-examined'>;

/** A probe that failed, and what it saw. */
export interface FailedProbe {
  readonly probe: string;
  /** Quotes the server; empty where the line was erased. */
  readonly answer: string;
}

/** One examination of the locks of storage, and what it and all before it show. */
export interface ExaminationRecord {
  readonly sequence: Sequence;
  /** When it was, and not later than the ledger's own time. Milliseconds since 1970, like `proven`. */
  readonly examined: number;
  readonly program: string;
  readonly lock: Examined['lock'];
  readonly verdict: Examined['verdict'];
  readonly probes: Examined['probes'];
  /** What may be said after it. An undecided one leaves that as it was. */
  readonly worm: 'never-examined' | 'sound' | 'withdrawn';
  /** The entry from which on that may be said. */
  readonly since: Sequence;
  /** When the lock was proven last; null where it is not proven. */
  readonly proven: number | null;
  /** Why it is withdrawn. */
  readonly failed: readonly FailedProbe[];
}

type Shown = Pick<ExaminationRecord, 'worm' | 'since' | 'proven' | 'failed'>;

/** Stands in the column `verdict` for an epoch: what was examined before it may be another storage. */
const movedVerdict = 'moved';

/** What examinations of storage have shown, as of any entry. */
export class Examinations {
  readonly #insert: StatementSync;
  readonly #upTo: StatementSync;
  readonly #all: StatementSync;

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare(
      `insert into examination (sequence, examined, program, lock, verdict, probes, worm, since, proven, failed)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#upTo = db.prepare('select * from examination where sequence <= ? order by sequence desc limit 1');
    this.#all = db.prepare('select * from examination where verdict <> ? order by sequence');
  }

  examined(entry: Examined): void {
    const before = this.last(entry.sequence);
    const shown = shownBy(entry, before?.lock === entry.lock ? before : undefined);
    this.#insert.run(
      entry.sequence,
      examinedAt(entry),
      entry.program,
      entry.lock,
      entry.verdict,
      JSON.stringify(entry.probes),
      shown.worm,
      shown.since,
      shown.proven,
      JSON.stringify(shown.failed),
    );
  }

  /** A ledger that goes on after a restore lies in another place: nobody has examined that. */
  moved({ number, sequence, time }: EntryOf<'epoch'>): void {
    if (number === 0) return;
    this.#insert.run(sequence, time, '', '', movedVerdict, '[]', 'never-examined', sequence, null, '[]');
  }

  /** The last one up to `asOf`; undefined: none, or none in this place. */
  last(asOf: number = Number.MAX_SAFE_INTEGER): ExaminationRecord | undefined {
    const row = this.#upTo.get(asOf);
    return row === undefined || row['verdict'] === movedVerdict ? undefined : recordOf(row);
  }

  all(): ExaminationRecord[] {
    return this.#all.all(movedVerdict).map((row) => recordOf(row));
  }
}

function shownBy(entry: Examined, before: ExaminationRecord | undefined): Shown {
  const { sequence, verdict } = entry;
  const sinceOf = (worm: Shown['worm']) => (before?.worm === worm ? before.since : sequence);
  switch (verdict) {
    case 'sound':
      return { worm: 'sound', since: sinceOf('sound'), proven: examinedAt(entry), failed: [] };
    case 'unsound':
      return { worm: 'withdrawn', since: sinceOf('withdrawn'), proven: null, failed: failuresOf(entry) };
    case 'undecided':
      return before ?? { worm: 'never-examined', since: sequence, proven: null, failed: [] };
  }
}

/** A clock that is ahead must not make a proof last longer. */
function examinedAt({ examinedAt: told, time }: Examined): number {
  return Math.min(told, time);
}

function failuresOf({ probes, aside }: Examined): FailedProbe[] {
  return probes.flatMap(({ probe, outcome }, at) =>
    outcome === 'failed' ? [{ probe, answer: aside === 'erased' ? '' : (aside.answers[at] ?? '') }] : [],
  );
}

function recordOf(row: Row): ExaminationRecord {
  return {
    sequence: asSequence(integer(row, 'sequence')),
    examined: integer(row, 'examined'),
    program: text(row, 'program'),
    // Written above from what the entry's schema let through.
    lock: text(row, 'lock') as Examined['lock'],
    verdict: text(row, 'verdict') as Examined['verdict'],
    probes: JSON.parse(text(row, 'probes')) as Examined['probes'],
    worm: text(row, 'worm') as Shown['worm'],
    since: asSequence(integer(row, 'since')),
    proven: integerOrNull(row, 'proven'),
    failed: JSON.parse(text(row, 'failed')) as FailedProbe[],
  };
}
