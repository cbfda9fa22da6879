import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { BOUNDARY } from '../../document-text.ts';
import { engineText, isBetween, SIGN } from '../../named-text.ts';
import type { SearchDocument } from '../../search-document.ts';
import { beginningOf, matcherOf, type Term } from '../../term.ts';
import { LAST_CHARACTER, rowsOf } from './rows.ts';

/** Words that are looked up together: the engine goes through all of them at each message that has one. */
const WORDS_MAX = 32;

/** Words that are read together: bounds the length of a list. */
const READ_TOGETHER = 20_000;

/** Above it, all words of the index are read instead of those of the messages that are new. */
const UNLISTED_MAX = 2_000;

/** In `unlisted`: the list is empty, and all words are to be listed. */
export const LIST_ALL = -1;

/** Of one message, in UTF-16 units; its words are in memory meanwhile. */
const LISTED_UNITS_MAX = 1_000_000;

/**
 * The different words of an index, for patterns. They are listed when a pattern is asked for and not when a message is added,
 * which would cost every import; `unlisted` has the messages that are still to be looked at.
 */
export class Vocabulary {
  readonly #database: DatabaseSync;
  readonly #documentOf: (sequence: number) => SearchDocument | undefined;
  readonly #unlisted: StatementSync;
  readonly #insert: StatementSync;
  readonly #words: StatementSync;

  constructor(database: DatabaseSync, documentOf: (sequence: number) => SearchDocument | undefined) {
    this.#database = database;
    this.#documentOf = documentOf;
    database.exec('create virtual table if not exists temp.word using fts5vocab(main, words, row)');
    this.#unlisted = database.prepare(`select sequence from unlisted order by sequence limit ${UNLISTED_MAX + 1}`);
    this.#unlisted.setReturnArrays(true);
    this.#insert = database.prepare('insert or ignore into vocabulary (word) values (?)');
    this.#words = database.prepare(
      `select group_concat(word, ' ') as list, max(word) as last from
         (select word from vocabulary where word >= ? and word <> ? and word <= ? order by word limit ${READ_TOGETHER})`,
    );
  }

  /** All that the pattern matches, some at a time, or none of as many words as are read together. */
  *matching(pattern: Term): Generator<readonly string[]> {
    this.#complete();
    const matches = matcherOf(pattern);
    const beginning = beginningOf(pattern);
    for (const [first, end] of rangesOf(beginning)) {
      for (const words of this.#within(first, end)) {
        const found = words.filter(matches);
        if (found.length === 0) yield found;
        for (let at = 0; at < found.length; at += WORDS_MAX) yield found.slice(at, at + WORDS_MAX);
      }
    }
  }

  /** Words that are in the index and not listed, or listed and in no message: of each kind a few. Lists what is to be listed first. */
  differences(): readonly string[] {
    if (this.#isToBeListed()) return [];
    this.#complete();
    const few = (query: string) =>
      this.#database
        .prepare(`${query} limit 5`)
        .all()
        .map(({ word }) => String(word));
    const indexed = `select term as word from temp.word where term not glob '${BOUNDARY}*'`;
    return [
      ...few(`${indexed} except select word from vocabulary`).map((word) => `no pattern finds the word ${word}`),
      ...few(`select word from vocabulary except ${indexed}`).map((word) => `the word ${word} is in no message`),
    ];
  }

  /** Whether no message is listed yet: nobody has asked for a pattern. */
  #isToBeListed(): boolean {
    const first = this.#database.prepare(
      `select 1 from message where not exists (select 1 from unlisted where sequence = ${LIST_ALL})
         and sequence not in (select sequence from unlisted) limit 1`,
    );
    return first.get() === undefined;
  }

  *#within(first: string, end: string): Generator<readonly string[]> {
    for (let last = ''; ;) {
      const row = this.#words.get(last === '' ? first : last, last, end);
      if (typeof row?.['list'] !== 'string') return;
      last = String(row['last']);
      yield row['list'].split(' ');
    }
  }

  #complete(): void {
    const unlisted = [...rowsOf(this.#unlisted)].map(([sequence]) => Number(sequence));
    if (unlisted.length === 0) return;
    this.#database.exec('begin immediate');
    try {
      const isMuch = unlisted.length > UNLISTED_MAX || unlisted.includes(LIST_ALL);
      if (isMuch || !unlisted.every((sequence) => this.#list(sequence))) this.#listAll();
      this.#database.exec('delete from unlisted; commit');
    } catch (thrown) {
      if (this.#database.isTransaction) this.#database.exec('rollback');
      throw thrown;
    }
  }

  /** False for a message of so many words that they are better read from the index. */
  #list(sequence: number): boolean {
    const document = this.#documentOf(sequence);
    if (document === undefined) return true;
    const texts = textsOf(document);
    const units = texts.reduce((sum, text) => sum + text.length, 0);
    if (units > LISTED_UNITS_MAX) return false;
    for (const word of wordsOf(texts)) this.#insert.run(word);
    return true;
  }

  #listAll(): void {
    this.#database.exec(`
      insert or ignore into vocabulary select term from temp.word where term not glob '${BOUNDARY}*'`);
  }
}

/** Where words with this beginning are, first and last of each range. Those with a name before them only a pattern with that name matches. */
function rangesOf(beginning: string): readonly (readonly [string, string])[] {
  if (beginning !== '') return [[beginning, beginning + LAST_CHARACTER]];
  return [
    ['', SIGN],
    [SIGN + LAST_CHARACTER, LAST_CHARACTER],
  ];
}

/** Each word of a message once; not what stands between texts. */
function wordsOf(texts: readonly string[]): ReadonlySet<string> {
  const words = new Set<string>();
  // One at a time: there may be millions of tokens.
  for (const text of texts) {
    for (let start = 0; start < text.length;) {
      const space = text.indexOf(' ', start);
      const end = space < 0 ? text.length : space;
      words.add(text.slice(start, end));
      start = end + 1;
    }
  }
  for (const word of words) if (isBetween(word)) words.delete(word);
  return words;
}

function textsOf({ columns, named }: SearchDocument): readonly string[] {
  return [...Object.values(columns), engineText(named)];
}
