import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { text } from './rows.ts';

const pageRows = 1000;

/** The values of one row, those of the table's key first. */
export type TableRow = readonly SQLOutputValue[];

/** Up to so many rows of one table, in the order of its key. */
export interface TablePage {
  readonly rows: readonly TableRow[];
  /** The key after which the next page begins; undefined: this is the last one. */
  readonly next: TableRow | undefined;
}

interface View {
  readonly key: readonly string[];
  readonly columns: readonly string[];
  readonly from: string;
}

/**
 * Tables that are not read as they are. Ids of places are given as they come, so sightings are read with the names
 * themselves. While a message is being disposed of (state 1) its sidecar lines may be erased, and what is folded anew lacks
 * what they said.
 */
const views: Readonly<Record<string, View>> = {
  place: {
    key: ['custodian', 'mailbox'],
    columns: [],
    from: `(select p.custodian, p.mailbox from place p where not exists (select 1 from sighting where place = p.id)
      or exists (select 1 from sighting s left join message m on m.sequence = s.message where s.place = p.id and m.state is not 1))`,
  },
  sighting: {
    key: ['sequence'],
    columns: ['message', 'source', 'key', 'seen', 'detail', 'custodian', 'mailbox'],
    from: `(select s.sequence, s.message, s.source, s.key, s.seen, iif(m.state = 1, '', s.detail) as detail,
      iif(m.state = 1, '', p.custodian) as custodian, iif(m.state = 1, '', p.mailbox) as mailbox
      from sighting s left join place p on p.id = s.place left join message m on m.sequence = s.message)`,
  },
};

/** Every table that is folded from the ledger, row by row, for who compares two catalogs: one that is added is among them. */
export class TableReader {
  readonly #db: DatabaseSync;
  readonly #names: StatementSync;
  readonly #definitions: StatementSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
    // `unread` does not come from the ledger.
    this.#names = db.prepare(
      "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' and name <> 'unread' order by name",
    );
    this.#definitions = db.prepare('select type, name, tbl_name, sql from sqlite_schema order by type, name');
  }

  names(): string[] {
    return this.#names.all().map((row) => text(row, 'name'));
  }

  /** What tables, indexes and triggers there are. */
  definitions(): string {
    return JSON.stringify(this.#definitions.all());
  }

  /** Reads on after the key of a row, from the beginning without one. */
  page(table: string, after: TableRow = []): TablePage {
    const view = views[table] ?? this.#viewOf(table);
    const key = after.slice(0, view.key.length);
    const rows = this.#statement(table, view, key.length > 0).all(...key);
    // With `setReturnArrays` rows are arrays; their declared type knows of objects only.
    const page = rows as unknown as TableRow[];
    return { rows: page, next: page.length < pageRows ? undefined : page.at(-1) };
  }

  #statement(table: string, { key, columns, from }: View, goesOn: boolean): StatementSync {
    const name = `${table} ${goesOn}`;
    const known = this.#statements.get(name);
    if (known !== undefined) return known;
    const order = key.join(', ');
    const where = goesOn ? `where (${order}) > (${key.map(() => '?').join(', ')})` : '';
    const wanted = [...key, ...columns].join(', ');
    const statement = this.#db.prepare(`select ${wanted} from ${from} ${where} order by ${order} limit ${pageRows}`);
    statement.setReturnArrays(true);
    this.#statements.set(name, statement);
    return statement;
  }

  #viewOf(table: string): View {
    const columns = this.#db.prepare('select name, pk from pragma_table_info(?) order by pk').all(table);
    const named = (isKey: boolean) =>
      columns.filter((column) => (column['pk'] !== 0) === isKey).map((row) => quoted(text(row, 'name')));
    return { key: named(true), columns: named(false), from: quoted(table) };
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
