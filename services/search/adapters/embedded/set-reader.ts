import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { NearNode, PhraseNode, RangeField, TextField } from '../../ast.ts';
import { judge } from '../../evaluator.ts';
import type { Patience } from '../../patience.ts';
import type { SearchDocument } from '../../search-document.ts';
import type { FactResolver } from '../../search-index.ts';
import { SequenceSet } from '../../sequence-set.ts';
import type { Term } from '../../term.ts';
import type { Plan } from './compiler.ts';
import { wordsExpression } from './match-expression.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Sets that were read since the last change, so that the next page costs no more than its hits. */
const KEPT_SETS_MAX = 16;

/** Sequences that are listed by one statement: bounds the length of its answer to a few megabytes. */
const WINDOW = 1 << 20;

const COMMA = 0x2c;
const DIGIT_ZERO = 0x30;

/** What is known besides the index, and how long it may take. */
interface Asked {
  readonly facts: FactResolver;
  readonly patience: Patience;
}

/** Answers plans with sets of sequences. */
export class SetReader {
  readonly #last: StatementSync;
  readonly #match: StatementSync;
  readonly #ranges: Readonly<Record<RangeField, StatementSync>>;
  readonly #every: StatementSync;
  readonly #vocabulary: Vocabulary;
  #everything: SequenceSet | undefined;
  readonly #kept = new Map<string, SequenceSet>();

  readonly #documentOf: (sequence: number) => SearchDocument | undefined;

  constructor(
    database: DatabaseSync,
    vocabulary: Vocabulary,
    documentOf: (sequence: number) => SearchDocument | undefined,
  ) {
    this.#documentOf = documentOf;
    this.#vocabulary = vocabulary;
    const within = 'between ? and ?';
    this.#last = database.prepare('select max(sequence) as last from message');
    this.#match = database.prepare(
      `select group_concat(rowid) as list from words where rowid ${within} and words match ?`,
    );
    const ranged = (field: RangeField) =>
      database.prepare(
        `select group_concat(sequence) as list from message where sequence ${within} and ${field} >= ? and ${field} < ?`,
      );
    this.#ranges = { date: ranged('date'), size: ranged('size') };
    this.#every = database.prepare(`select group_concat(sequence) as list from message where sequence ${within}`);
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

  read(plan: Plan, asked: Asked): SequenceSet {
    asked.patience();
    switch (plan.kind) {
      case 'fact':
        return asked.facts[plan.fact.field](plan.fact.value).and(this.every());
      case 'verified':
        return this.#verified(this.read(plan.candidates, asked), plan.node, asked.patience);
      case 'intersection':
        return this.#intersection(plan.wanted, plan.unwanted, asked);
      case 'union':
        return plan.parts.map((part) => this.read(part, asked)).reduce((left, right) => left.or(right));
      case 'all':
        return this.every();
      case 'match':
      case 'pattern':
      case 'range':
        return this.#looked(plan, asked.patience);
    }
  }

  /** Not to be kept by callers: it grows with the index. */
  every(): SequenceSet {
    return (this.#everything ??= this.#list(this.#every, []));
  }

  #intersection(wanted: readonly Plan[], unwanted: readonly Plan[], asked: Asked): SequenceSet {
    const sets = wanted.map((part) => this.read(part, asked));
    const whole = sets.length === 0 ? this.every() : sets.reduce((left, right) => left.and(right));
    return unwanted.reduce((left, part) => left.minus(this.read(part, asked)), whole);
  }

  /** What the file is asked for, once until it changes. */
  #looked(plan: Extract<Plan, { kind: 'match' | 'pattern' | 'range' }>, patience: Patience): SequenceSet {
    switch (plan.kind) {
      case 'match':
        return this.#keep(`match ${plan.expression}`, () => this.#list(this.#match, [plan.expression]));
      case 'pattern':
        return this.#keep(`pattern ${plan.field} ${plan.pattern}`, () =>
          this.#anyOf(plan.field, plan.pattern, patience),
        );
      case 'range':
        return this.#ranged(plan.field, plan.from ?? -Infinity, plan.before ?? Infinity);
    }
  }

  #anyOf(field: TextField, pattern: Term, patience: Patience): SequenceSet {
    let set = SequenceSet.of();
    for (const words of this.#vocabulary.matching(pattern)) {
      patience();
      if (words.length > 0) set = set.or(this.#list(this.#match, [wordsExpression(field, words)]));
    }
    return set;
  }

  #verified(candidates: SequenceSet, node: PhraseNode | NearNode, patience: Patience): SequenceSet {
    const set = SequenceSet.of();
    for (const sequence of candidates) {
      patience();
      const document = this.#documentOf(sequence);
      if (document !== undefined && judge(node, document, () => false, patience)) set.add(sequence);
    }
    return set;
  }

  #ranged(field: RangeField, from: number, before: number): SequenceSet {
    return this.#keep(`${field} ${from} ${before}`, () => this.#list(this.#ranges[field], [from, before]));
  }

  #keep(key: string, read: () => SequenceSet): SequenceSet {
    const kept = this.#kept.get(key) ?? read();
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_SETS_MAX && oldest !== undefined) this.#kept.delete(oldest);
    return kept;
  }

  #list(statement: StatementSync, values: readonly SQLInputValue[]): SequenceSet {
    const last = Number(this.#last.get()?.['last'] ?? -1);
    const set = SequenceSet.of();
    for (let first = 0; first <= last; first += WINDOW) {
      const list = statement.get(first, first + WINDOW - 1, ...values)?.['list'];
      if (typeof list === 'string') addListed(list, set);
    }
    return set;
  }
}

/** The numbers of a list like `3,14,159`, which is five times faster to hand over than as many rows. */
function addListed(list: string, set: SequenceSet): void {
  let number = 0;
  for (let at = 0; at < list.length; at++) {
    const code = list.charCodeAt(at);
    if (code === COMMA) {
      set.add(number);
      number = 0;
    } else {
      number = number * 10 + code - DIGIT_ZERO;
    }
  }
  set.add(number);
}
