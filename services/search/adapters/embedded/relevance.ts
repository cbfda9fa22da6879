import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { positivePhrases, type Ast } from '../../ast.ts';
import type { PageKey } from '../../cursor.ts';
import type { Patience } from '../../patience.ts';
import type { SequenceSet } from '../../sequence-set.ts';
import { isExpressible, leafExpression, partsOf } from './match-expression.ts';
import { rowsOf } from './rows.ts';

export interface Score {
  readonly score: number;
  readonly sequence: number;
}

/** Orders a set by BM25 of the words that were asked for, best first; what has none of them scores 0. */
export class Relevance {
  readonly #ranked: StatementSync;
  /** The scores of the last query, so that its next page does not compute them again. */
  #kept: { readonly expression: string; readonly scores: ReadonlyMap<number, number> } | undefined;

  constructor(database: DatabaseSync) {
    this.#ranked = database.prepare('select rowid, rank from words where words match ?');
    this.#ranked.setReturnArrays(true);
  }

  forget(): void {
    this.#kept = undefined;
  }

  page(
    ast: Ast,
    set: SequenceSet,
    { limit, after }: { readonly limit: number; readonly after: PageKey | undefined },
    patience: Patience,
  ): Score[] {
    const scores = this.#scores(ast, patience);
    const start = after === undefined ? undefined : { score: after.value ?? 0, sequence: after.sequence };
    const page: Score[] = [];
    for (const sequence of set) {
      const entry = { score: scores.get(sequence) ?? 0, sequence };
      if (start === undefined || compareByScore(start, entry) < 0) page.push(entry);
    }
    return page.sort(compareByScore).slice(0, limit);
  }

  #scores(ast: Ast, patience: Patience): ReadonlyMap<number, number> {
    // Of what the engine cannot look up, the words that it can.
    const phrases = positivePhrases(ast).flatMap((phrase) => (isExpressible(phrase) ? [phrase] : partsOf(phrase).runs));
    const expression = [...new Set(phrases.map(leafExpression))].join(' OR ');
    if (expression === '') return new Map();
    if (this.#kept?.expression === expression) return this.#kept.scores;
    const scores = new Map<number, number>();
    // FTS5's bm25 is smaller for better matches.
    for (const [sequence, rank] of rowsOf(this.#ranked, expression)) {
      patience();
      scores.set(Number(sequence), -Number(rank));
    }
    this.#kept = { expression, scores };
    return scores;
  }
}

/** Negative when `a` comes first; of equals the later capture. */
function compareByScore(a: Score, b: Score): number {
  return b.score - a.score || b.sequence - a.sequence;
}
