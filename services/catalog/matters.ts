import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { asSequence, type Sequence } from '#kernel';
import type { EntryOf } from '#ledger';
import { integer, type Row, text } from './rows.ts';

/** A legal case or investigation. */
export interface MatterRecord {
  readonly id: string;
  readonly sequence: Sequence;
  readonly name: string;
  readonly description: string;
  readonly createdAt: number;
}

function recordOf(row: Row): MatterRecord {
  return {
    id: text(row, 'id'),
    sequence: asSequence(integer(row, 'sequence')),
    name: text(row, 'name'),
    description: text(row, 'description'),
    createdAt: integer(row, 'created'),
  };
}

export class Matters {
  readonly #insert: StatementSync;
  readonly #all: StatementSync;

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare(
      'insert or ignore into matter (id, sequence, created, name, description) values (?, ?, ?, ?, ?)',
    );
    this.#all = db.prepare('select * from matter order by sequence');
  }

  created(entry: EntryOf<'matter-created'>): void {
    const { name, description } = entry.aside === 'erased' ? { name: entry.matter, description: '' } : entry.aside;
    this.#insert.run(entry.matter, entry.sequence, entry.time, name, description);
  }

  all(): MatterRecord[] {
    return this.#all.all().map((row) => recordOf(row));
  }

  /** By id, or by its name where that is unique. */
  find(idOrName: string): MatterRecord | undefined {
    const all = this.all();
    const named = all.filter((matter) => matter.name === idOrName);
    return all.find((matter) => matter.id === idOrName) ?? (named.length === 1 ? named[0] : undefined);
  }
}
