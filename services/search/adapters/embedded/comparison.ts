import type { DatabaseSync } from 'node:sqlite';
import type { Sequence } from '#kernel';
import { decodeDocument } from '../../document-codec.ts';
import { isSameDocument, type IndexComparison, type IndexDocument } from '../../search-index.ts';
import { PostingSums } from './posting-sums.ts';
import { rowsOf } from './rows.ts';
import { textColumns } from './schema.ts';
import { textsOf, type Writer } from './writer.ts';

/** Compares documents with what the file has of them: the row, and every word at its place in the full-text structures. */
export class EmbeddedComparison implements IndexComparison {
  readonly #writer: Writer;
  readonly #sums: PostingSums;

  /** Reads all postings once, as queries find them. */
  constructor(database: DatabaseSync, writer: Writer, from: number, to: number) {
    this.#writer = writer;
    this.#sums = new PostingSums(from, to);
    database.exec('create virtual table if not exists temp.posting using fts5vocab(main, words, instance)');
    const postings = database.prepare('select term, doc, col, offset from temp.posting');
    postings.setReturnArrays(true);
    const columns = new Map(textColumns.map((name, column) => [name, column]));
    for (const [word, sequence, column, offset] of rowsOf(postings)) {
      this.#sums.add(Number(sequence), String(word), columns.get(String(column)) ?? -1, Number(offset));
    }
  }

  async differing(documents: readonly IndexDocument[]): Promise<readonly Sequence[]> {
    return documents.filter((document) => !this.#has(document)).map(({ sequence }) => sequence);
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #has(expected: IndexDocument): boolean {
    const { sequence } = expected;
    const writer = this.#writer;
    // Most often it is byte for byte the same, and need not be taken apart a second time.
    const isSame = writer.hasExactly(expected) || isSameDocument(writer.read(sequence), expected);
    if (!isSame) return false;
    const document = decodeDocument(expected.encoded);
    const { date, size } = writer.rangedOf(sequence);
    const isFoundInRanges = date === document.display.date && size === document.display.size;
    return isFoundInRanges && this.#sums.hasExactly(sequence, textsOf(document));
  }
}
