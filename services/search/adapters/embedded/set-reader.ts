import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { FactResolver } from '../../search-index.ts';
import { SequenceSet } from '../../sequence-set.ts';
import type { Plan } from './compiler.ts';
import { rowsOf, type Row } from './rows.ts';

/** Sets that were read since the last change, so that the next page costs no more than its hits. */
const KEPT_SETS_MAX = 16;

/** Answers plans with sets of sequences. */
export class SetReader {
  readonly #match: StatementSync;
  readonly #dates: StatementSync;
  readonly #every: StatementSync;
  #everything: SequenceSet | undefined;
  readonly #kept = new Map<string, SequenceSet>();

  constructor(database: DatabaseSync) {
    this.#match = database.prepare('select rowid from words where words match ?');
    this.#dates = database.prepare('select sequence from message where date >= ? and date < ?');
    this.#every = database.prepare('select sequence from message');
    for (const statement of [this.#match, this.#dates, this.#every]) statement.setReturnArrays(true);
  }

  /** Before a change: forgets all sets, and hands over that of all messages. */
  release(): SequenceSet | undefined {
    const everything = this.#everything;
    this.#kept.clear();
    this.#everything = undefined;
    return everything;
  }

  /** After a change that only added: the set of all messages is known without reading it again. */
  resume(everything: SequenceSet | undefined, added: readonly number[]): void {
    for (const sequence of added) everything?.add(sequence);
    this.#everything = everything;
  }

  read(plan: Plan, facts: FactResolver): SequenceSet {
    switch (plan.kind) {
      case 'match':
        return this.#keep(`match ${plan.expression}`, this.#match, [plan.expression]);
      case 'date':
        return this.#dated(plan.from ?? -Infinity, plan.before ?? Infinity);
      case 'fact':
        return facts[plan.fact.field](plan.fact.value).and(this.every());
      case 'all':
        return this.every();
      case 'intersection':
        return this.#intersection(plan.wanted, plan.unwanted, facts);
      case 'union':
        return plan.parts.map((part) => this.read(part, facts)).reduce((left, right) => left.or(right));
    }
  }

  /** Not to be kept by callers: it grows with the index. */
  every(): SequenceSet {
    return (this.#everything ??= SequenceSet.of(numbers(rowsOf(this.#every))));
  }

  #intersection(wanted: readonly Plan[], unwanted: readonly Plan[], facts: FactResolver): SequenceSet {
    const sets = wanted.map((part) => this.read(part, facts));
    const whole = sets.length === 0 ? this.every() : sets.reduce((left, right) => left.and(right));
    return unwanted.reduce((left, part) => left.minus(this.read(part, facts)), whole);
  }

  #dated(from: number, before: number): SequenceSet {
    return this.#keep(`date ${from} ${before}`, this.#dates, [from, before]);
  }

  #keep(key: string, statement: StatementSync, values: readonly SQLInputValue[]): SequenceSet {
    const kept = this.#kept.get(key) ?? SequenceSet.of(numbers(rowsOf(statement, ...values)));
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_SETS_MAX && oldest !== undefined) this.#kept.delete(oldest);
    return kept;
  }
}

function* numbers(rows: Iterable<Row>): Generator<number> {
  for (const [value] of rows) yield Number(value);
}
