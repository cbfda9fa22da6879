import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { BOUNDARY } from '../../document-text.ts';
import { beginningOf, matcherOf, type Term } from '../../term.ts';
import { rowsOf } from './rows.ts';

/** Words that are looked up together: each costs memory meanwhile. */
const WORDS_MAX = 500;

/** Behind all words that begin with what it is put behind. */
const LAST_CHARACTER = '\u{10ffff}';

/** The different words of an index. */
export class Vocabulary {
  readonly #words: StatementSync;

  constructor(database: DatabaseSync) {
    database.exec('create virtual table if not exists temp.vocabulary using fts5vocab(main, words, row)');
    this.#words = database.prepare('select term from temp.vocabulary where term >= ? and term <= ?');
    this.#words.setReturnArrays(true);
  }

  /** All that the pattern matches, some at a time; not those of ours that no query can name. */
  *matching(pattern: Term): Generator<readonly string[]> {
    const matches = matcherOf(pattern);
    const beginning = beginningOf(pattern);
    let found: string[] = [];
    for (const [word] of rowsOf(this.#words, beginning, beginning + LAST_CHARACTER)) {
      const token = String(word);
      if (token.startsWith(BOUNDARY) || !matches(token)) continue;
      found.push(token);
      if (found.length === WORDS_MAX) {
        yield found;
        found = [];
      }
    }
    if (found.length > 0) yield found;
  }
}
