import type { FoundHit } from '#reading';
import type { TimeZone } from '#search';
import { csvBytes, type CsvRecord } from './csv.ts';
import { count, type Io, shown } from './io.ts';
import { isoOf } from './moment.ts';

export interface HitListOptions {
  readonly csv: boolean;
  readonly fold?: boolean;
  readonly timeZone: TimeZone;
}

/** How a list of hits is written: as a table for people, JSON Lines, or CSV. */
export class HitList {
  readonly #io: Io;
  readonly #csv: boolean;
  readonly #fold: boolean;
  readonly #timeZone: TimeZone;
  #isBegun = false;

  constructor(io: Io, { csv, fold = false, timeZone }: HitListOptions) {
    this.#timeZone = timeZone;
    this.#io = io;
    this.#csv = csv;
    this.#fold = fold;
  }

  /** Waits while the reader is slower than we are. */
  async add(hits: readonly FoundHit[]): Promise<void> {
    if (this.#csv) return this.#addRecords(hits);
    for (const hit of hits)
      this.#io.result(hitJson(hit), [hitLine(hit, this.#timeZone), ...excerptLines(hit)].join('\n'));
    await this.#io.taken();
  }

  /** The head is there without a hit as well. */
  async #addRecords(hits: readonly FoundHit[]): Promise<void> {
    const isBeginning = !this.#isBegun;
    this.#isBegun = true;
    const records = [...(isBeginning ? [this.#columns()] : []), ...hits.map((hit) => this.#cells(hit))];
    if (records.length > 0) await this.#io.bytes(csvBytes(records, isBeginning));
  }

  #columns(): CsvRecord {
    return this.#fold ? [...columns, 'copies'] : columns;
  }

  #cells(hit: FoundHit): CsvRecord {
    return this.#fold ? [...hitCells(hit), hit.copies?.messages ?? 0] : hitCells(hit);
  }
}

const columns = ['digest', 'sequence', 'date', 'from', 'to', 'subject', 'custodians', 'size', 'attachments', 'flags'];

/** Lists within a cell have `; ` between them. */
function hitCells(hit: FoundHit): CsvRecord {
  const { subject, from, to, date, size, attachments, flags } = hit.display;
  const lists = {
    from: from.join('; '),
    to: to.join('; '),
    custodians: hit.custodians.join('; '),
    attachments: attachments.map(({ name }) => name).join('; '),
    flags: flags.join('; '),
  };
  const moment = date === null ? null : isoOf(date);
  const { digest, sequence } = hit;
  return [
    digest,
    sequence,
    moment,
    lists.from,
    lists.to,
    subject,
    lists.custodians,
    size,
    lists.attachments,
    lists.flags,
  ];
}

function hitJson(hit: FoundHit): object {
  const { subject, from, to, date, size, attachments, flags } = hit.display;
  return {
    digest: hit.digest,
    sequence: hit.sequence,
    date: date === null ? null : isoOf(date),
    from,
    to,
    subject,
    custodians: hit.custodians,
    size,
    attachments,
    flags,
    ...(hit.excerpts !== undefined && { excerpts: hit.excerpts }),
    ...(hit.copies !== undefined && { copies: hit.copies }),
  };
}

/** What was asked for in guillemets, which mail rarely has. */
function excerptLines({ excerpts = [] }: FoundHit): string[] {
  return excerpts.map(({ column, name, text, highlights }) => {
    let line = text;
    for (const [from, to] of highlights.toReversed()) {
      line = `${line.slice(0, from)}»${line.slice(from, to)}«${line.slice(to)}`;
    }
    return `              ${shown(name ?? column)}: ${shown(line)}`;
  });
}

/** JSON and CSV have instants with their zone, UTC; a list for people has times of the archive's zone. */
function hitLine(hit: FoundHit, timeZone: TimeZone): string {
  const { subject, from, date, attachments } = hit.display;
  const day =
    date === null ? '(no date)   ' : (isoOf(timeZone.shown(date)) ?? '(no date)').slice(0, 16).replace('T', ' ');
  const clip = attachments.length > 0 ? ` [${attachments.length} attached]` : '';
  const copies = hit.copies?.messages ?? 0;
  const folded = copies > 0 ? ` (and ${copies === 1 ? 'a copy' : `${count(copies)} copies`})` : '';
  return `${hit.digest.slice(0, 12)}  ${day}  ${shown(from[0] ?? '(no sender)')}  ${shown(subject) || '(no subject)'}${clip}${folded}`;
}
