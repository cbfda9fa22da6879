import { type Absence, SeenLine } from './seen-line.ts';
import { isPart, NOTHING_BEFORE, tailOf, WordReadings } from './word-readings.ts';

/** Pieces that are joined into one string at a time: keeps memory near the size of the text. */
const PIECES_MAX = 4096;
/** Of these some remain, of which a word may consist that goes on. */
const PIECES_KEPT = 128;

const ZERO_WIDTH_SPACE = '\u200b';
const WORD_END = /[\p{L}\p{M}\p{N}]$/u;
/** White space between two blocks, or cells: a browser shows none of it. */
const BLANK = /^[ \t\r\n]*$/u;
const WORD_START = /^[\p{L}\p{N}]/u;

/** Words with single spaces between them, line ends where blocks begin and end, and no empty lines. */
export class TextLayout {
  #chunks: string[] = [];
  #pieces: string[] = [];
  #gap: '' | ' ' | '\n' = '';
  #isEmpty = true;
  /** Whether something that may take no room stands right behind a letter. */
  #seam = false;
  /** The same of the last line break, which its element's style may take back. */
  #wordBefore = false;
  /** Whether what comes next may be another word. */
  #divides = false;
  /** Whether such a thing stands between two letters: one word to a reader, perhaps, and two here. */
  isCut = false;
  /** Open `<pre>` elements: line ends count inside. */
  preformatted = 0;
  readonly #readings = new WordReadings();
  readonly seen = new SeenLine();
  #absence: Absence = 'unseen';
  /** White space stands right before what comes next. */
  #isSpaced = true;

  space(): void {
    this.seen.space();
    this.#part();
    if (this.#gap === '') this.#gap = ' ';
  }

  /** What the words that go on here may have begun with. */
  beginnings(): readonly string[] {
    if (this.isAdjacent) this.#open();
    return this.#readings.isOpen ? this.#readings.beginnings : NOTHING_BEFORE;
  }

  /** Whether the word before goes on here, as it is written. */
  get isWithin(): boolean {
    return this.#gap === '' && this.isAdjacent;
  }

  /** An element ends here, perhaps unseen; before it stood what `beginnings` gave. */
  skip(before: readonly string[]): void {
    if (before === NOTHING_BEFORE && !this.isWithin) return;
    this.#open();
    this.#readings.skip(before);
  }

  /** Words of which the text has only parts, or with letters that may be hidden. */
  get found(): ReadonlySet<string> {
    return this.#readings.found;
  }

  /** Text that nobody sees where it stands, or that some readers show there. */
  hidden(text: string, absence: Absence = 'unseen'): void {
    this.seen.hide(this.seen.gap);
    this.#absence = absence;
    this.add(text);
    this.#absence = 'unseen';
    this.seen.show();
  }

  /** The same of lines by themselves. */
  block(lines: readonly string[]): void {
    this.seen.hide(this.seen.gap);
    this.newline();
    for (const line of lines) {
      this.add(line);
      this.newline();
    }
    this.seen.show();
  }

  /** Whether a letter stands before, and no white space behind it. */
  get isAdjacent(): boolean {
    if (this.#isSpaced) return false;
    const last = this.#pieces.at(-1) ?? '';
    return isPart(last.charCodeAt(last.length - 1));
  }

  #part(): void {
    if (!this.isAdjacent && !this.#readings.isOpen) return;
    this.#open();
    this.#readings.part();
  }

  #open(): void {
    if (!this.#readings.isOpen) this.#readings.begin(this.isAdjacent ? tailOf(this.#pieces) : '');
  }

  newline(): void {
    this.seen.newline();
    this.#part();
    this.#wordBefore = this.#seam || this.isInWord;
    this.#gap = '\n';
    this.#seam = false;
  }

  /** Whether a letter or digit stands right before what comes next. */
  get isInWord(): boolean {
    return this.#gap === '' && WORD_END.test(this.#pieces.at(-1)?.slice(-2) ?? '');
  }

  /** Something that may take no room stands here. */
  seam(): void {
    this.#seam ||= this.isInWord;
  }

  /** A line break that may take no room. */
  breakWord(): void {
    this.newline();
    this.takeNoRoom();
  }

  /** The line break right before may take no room. */
  takeNoRoom(): void {
    this.#seam = this.#wordBefore;
  }

  /** A reader may see two words where letters go on here: a zero-width space tells the search. */
  divide(): void {
    this.#divides ||= this.isInWord;
  }

  /** Text that is no neighbour of what stands around it, and is not shown where it stands. */
  aside(text: string): void {
    const seam = this.#seam;
    this.#seam = false;
    this.space();
    this.hidden(text, 'replaced');
    this.space();
    this.#seam = seam;
  }

  /** Adds text; a run of words with single spaces between is taken as it stands. */
  add(text: string): void {
    if (this.#gap !== '' && this.#readings.isOpen && BLANK.test(text)) this.#thin();
    else this.#addWords(text);
  }

  #space(unit: number): void {
    this.#blank();
    if (unit === 0x0a && this.preformatted > 0) this.newline();
    else this.space();
  }

  #thin(): void {
    this.#seam = false;
    this.#readings.thin();
  }

  #addWords(text: string): void {
    let start = 0;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (!isSpace(unit)) continue;
      if (unit === 0x20 && at > start && isWordAt(text, at + 1)) continue;
      if (at > start) this.#run(text.slice(start, at));
      start = at + 1;
      this.#seam = false;
      this.#space(unit);
    }
    if (start < text.length) this.#run(text.slice(start));
  }

  #blank(): void {
    if (this.#readings.isOpen) this.#readings.end();
    this.#isSpaced = true;
  }

  text(): string {
    this.#blank();
    this.seen.end();
    this.isCut ||= this.#readings.isCut || this.seen.isCut || this.seen.isUnclosed;
    this.#chunks.push(this.#pieces.join(''));
    this.#pieces = [];
    return this.#chunks.join('');
  }

  #run(words: string): void {
    if (this.#seam && WORD_START.test(words)) this.isCut = true;
    this.#seam = false;
    if (!this.#isEmpty && this.#gap !== '') this.#pieces.push(this.#gap);
    else if (this.#divides && WORD_START.test(words)) this.#pieces.push(ZERO_WIDTH_SPACE);
    this.#divides = false;
    this.#isEmpty = false;
    this.#gap = '';
    this.#isSpaced = false;
    if (this.#readings.isOpen) this.#readings.goOn(words);
    this.seen.add(words, this.#absence);
    this.#pieces.push(words);
    if (this.#pieces.length >= PIECES_MAX) this.#chunks.push(this.#pieces.splice(0, PIECES_MAX - PIECES_KEPT).join(''));
  }
}

function isWordAt(text: string, at: number): boolean {
  return at < text.length && !isSpace(text.charCodeAt(at));
}

/** White space and the no-break space. Other controls have no appearance. */
function isSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0xa0 || (unit <= 0x0d && unit >= 0x09);
}
