import { analyze } from './analyzer.ts';
import {
  type Ast,
  columnsOf,
  isNamed,
  type NamedField,
  type NearNode,
  type PhraseNode,
  positiveOperands,
  type TextField,
} from './ast.ts';
import { BETWEEN, BOUNDARY, documentText } from './document-text.ts';
import { fieldOf } from './near.ts';
import { placesOf } from './phrase-places.ts';
import { nearPlaces } from './proximity.ts';
import type { SearchColumn } from './search-document.ts';

/** Where words are: a column, or a named text by what it is asked for with. */
export type TextPlace = SearchColumn | NamedField;

/** A text of a message as it was written, and in which column it is searched. */
export interface WrittenText {
  readonly column: TextPlace;
  /** Of the attachment that it is in. */
  readonly name?: string | undefined;
  readonly text: string;
}

/** Why a message was found: some words around the first place in one of its texts. */
export interface Excerpt {
  readonly column: TextPlace;
  readonly name?: string | undefined;
  /** On one line; `…` where something was left out. */
  readonly text: string;
  /** Half-open ranges of UTF-16 units of `text`: the words that were asked for. */
  readonly highlights: readonly (readonly [from: number, to: number])[];
}

/** No more of a text is looked through. */
const TEXT_UNITS_MAX = 500_000;
/** About as long an excerpt is. */
const EXCERPT_UNITS = 160;
/** What it begins with before the first word that was asked for. */
const UNITS_BEFORE = 40;
/** A word is cut beyond. */
const PIECE_UNITS_MAX = 60;
const EXCERPTS_MAX = 5;

/** A word with its signs, or a letter of a script without spaces, with its marks: also those of half width, or behind an apostrophe. */
const PIECE =
  /[[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]&&\p{L}][\p{M}\uff9e\uff9f'’]*|[\S--[[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]&&\p{L}]]+/gv;

interface Piece {
  readonly start: number;
  readonly end: number;
}

/** One excerpt for each text that has something of what was asked for, in the order of the texts, five at most. */
export function excerptsOf(query: Ast, texts: readonly WrittenText[]): readonly Excerpt[] {
  const operands = positiveOperands(query);
  const excerpts: Excerpt[] = [];
  for (const written of texts) {
    const wanted = operands.filter((one) => isIn(fieldOf(one), written.column));
    const excerpt = wanted.length === 0 ? undefined : excerptOf(wanted, written);
    if (excerpt !== undefined && excerpts.push(excerpt) === EXCERPTS_MAX) break;
  }
  return excerpts;
}

function isIn(field: TextField, place: TextPlace): boolean {
  return isNamed(field) ? field === place : columnsOf(field).some((column) => column === place);
}

type Operand = PhraseNode | NearNode;

function excerptOf(operands: readonly Operand[], { column, name, text: whole }: WrittenText): Excerpt | undefined {
  const text = whole.slice(0, TEXT_UNITS_MAX);
  const tokens = new PlacedTokens(text);
  const asked = new Set<number>();
  let first = Infinity;
  for (const operand of operands) {
    for (const piece of tokens.piecesOf(operand)) {
      asked.add(piece);
      first = Math.min(first, piece);
    }
  }
  if (asked.size === 0) return undefined;
  return { column, ...(name !== undefined && { name }), ...written(whole, tokens.pieces, first, asked) };
}

/** The tokens of a text, each with the piece that it is of: the same tokens as those of the whole text, parts of words behind them. */
class PlacedTokens {
  readonly pieces: readonly Piece[];
  /** Joined by one space. */
  readonly #tokens: string;
  /** Where each begins in `#tokens`, and its piece. */
  readonly #starts: number[] = [];
  readonly #owners: number[] = [];

  constructor(text: string) {
    const pieces = Array.from(text.matchAll(PIECE), ({ index, 0: { length } }) => ({
      start: index,
      end: index + length,
    }));
    const tokens: string[] = [];
    const parts: [string, number][] = [];
    let at = 0;
    const add = (token: string, piece: number) => {
      tokens.push(token);
      this.#starts.push(at);
      this.#owners.push(piece);
      at += token.length + 1;
    };
    for (const [place, { start, end }] of pieces.entries()) {
      const [own = '', ...others] = documentText(text.slice(start, end)).split(BETWEEN);
      for (const token of own === '' ? [] : own.split(' ')) add(token, place);
      for (const part of others) parts.push([part, place]);
    }
    for (const [part, place] of parts) {
      add(BOUNDARY, place);
      add(part, place);
    }
    this.pieces = pieces;
    this.#tokens = tokens.join(' ');
  }

  /** Those that have the words by which the operand is found, one for each word. */
  *piecesOf(operand: Operand): Generator<number> {
    for (const [first, last] of this.#places(operand)) {
      for (let token = first; token <= last; token++) yield this.#owners[token] ?? 0;
    }
  }

  *#places(operand: Operand): Generator<readonly [first: number, last: number]> {
    if (operand.kind === 'near') return yield* nearPlaces(operand, this.#tokens);
    for (const offset of placesOf(operand, this.#tokens)) {
      const first = this.#tokenAt(offset);
      yield [first, first + operand.terms.length - 1];
    }
  }

  #tokenAt(offset: number): number {
    let [low, high] = [0, this.#starts.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The pieces around the first that was asked for, as they stand in the text but for white space and what is too long. */
function written(whole: string, pieces: readonly Piece[], first: number, asked: ReadonlySet<number>) {
  const from = beginningOf(pieces, first);
  let text = from > 0 ? '…' : '';
  let end = pieces[from]?.start ?? 0;
  const highlights: [number, number][] = [];
  for (const [offset, piece] of pieces.slice(from, from + EXCERPT_UNITS).entries()) {
    if (text.length >= EXCERPT_UNITS) break;
    if (piece.start > end) text += ' ';
    const start = text.length;
    text += cut(whole.slice(piece.start, piece.end));
    ({ end } = piece);
    if (asked.has(from + offset)) addHighlight(highlights, start, text);
  }
  return { text: /\S/u.test(whole.slice(end)) ? `${text}…` : text, highlights };
}

/** The first piece that is shown: some before the one that was asked for. */
function beginningOf(pieces: readonly Piece[], first: number): number {
  const earliest = (pieces[first]?.start ?? 0) - UNITS_BEFORE;
  let from = first;
  while (from > 0 && (pieces[from - 1]?.start ?? 0) >= earliest) from -= 1;
  return from;
}

function cut(piece: string): string {
  return piece.length <= PIECE_UNITS_MAX ? piece : `${piece.slice(0, PIECE_UNITS_MAX)}…`;
}

/** Neighbours that were asked for are one. */
function addHighlight(highlights: [number, number][], from: number, text: string): void {
  const last = highlights.at(-1);
  if (last !== undefined && text.slice(last[1], from).trim() === '') last[1] = text.length;
  else highlights.push([from, text.length]);
}

/** The tokens of a text, piece by piece: what `analyze` gives of all of it. */
export function tokensByPiece(text: string): string {
  return Array.from(text.matchAll(PIECE), ([piece]) => analyze(piece))
    .filter((tokens) => tokens !== '')
    .join(' ');
}
