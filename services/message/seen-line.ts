/** Pieces that are joined into one string at a time. */
const PIECES_MAX = 4096;
/** A text that is longer ends with its line. */
const TEXT_UNITS_MAX = 64 * 1024;
/** What all texts of one HTML may take that are seen otherwise than they are written. */
const FOUND_UNITS_MAX = 1_000_000;

type Gap = '' | ' ' | '\n';

/** Unseen by a reader; or shown, by some readers, in the place of something else. */
export type Absence = 'unseen' | 'replaced';

/**
 * The text at hand as a reader sees it where everything is left out that may be hidden, or is shown in the place of something: with what
 * is written between them, words are no neighbours that are to a reader. A text is a line; lines with something unseen
 * between them are one, with the line before and behind.
 */
export class SeenLine {
  readonly #found = new Set<string>();
  #units = 0;
  #pieces: string[] = [];
  #length = 0;
  /** The line before. */
  #before = '';
  #hidden = 0;
  /** What was left out behind the last word. */
  #hole: Absence | undefined;
  /** Something was left out between two words. */
  #isParted = false;
  /** The line behind the last hole has begun. */
  #isBehind = false;
  /** What stands before the next word. */
  gap: Gap = '';
  /** There were more such texts than are kept. */
  isCut = false;

  /** The texts in which something was left out between two words, as they are seen. */
  get found(): ReadonlySet<string> {
    return this.#found;
  }

  /** Whether words were left out last, and nothing said where that ends. */
  get isUnclosed(): boolean {
    return this.#hidden > 0 && this.#hole !== undefined;
  }

  /** What follows is left out, and does not part what is around it more than this gap. */
  hide(gap: Gap): void {
    if (this.#hidden === 0) this.gap = gap;
    this.#hidden += 1;
  }

  show(): void {
    this.#hidden -= 1;
  }

  space(): void {
    if (this.#hidden === 0 && this.gap === '') this.gap = ' ';
  }

  newline(): void {
    if (this.#hidden === 0) this.gap = '\n';
  }

  /** @param absence why, where it is left out */
  add(words: string, absence: Absence = 'unseen'): void {
    if (this.#hidden > 0) {
      if (this.#hole !== 'unseen') this.#hole = absence;
      return;
    }
    if (this.gap === '\n') this.#nextLine();
    else if (this.#hole !== undefined && this.#pieces.length > 0) this.#part();
    this.#hole = undefined;
    if (this.#pieces.length > 0 && this.gap !== '') this.#pieces.push(this.gap);
    this.#pieces.push(words);
    this.#length += words.length + 1;
    this.gap = '';
    if (this.#pieces.length >= PIECES_MAX) this.#pieces = [this.#pieces.join('')];
  }

  /** All ends here. */
  end(): void {
    if (this.#isParted) this.#tell(this.#pieces.join(''));
    this.#pieces = [];
    this.#length = 0;
    this.#isParted = false;
    this.#isBehind = false;
  }

  #part(): void {
    if (!this.#isParted && this.#before !== '') this.#pieces.unshift(this.#before, '\n');
    this.#isParted = true;
    this.#isBehind = false;
  }

  #nextLine(): void {
    const isLong = this.#length > TEXT_UNITS_MAX;
    if (this.#hole === 'unseen' && this.#pieces.length > 0 && !isLong) this.#part();
    else if (this.#isParted && !this.#isBehind && !isLong) this.#isBehind = true;
    else {
      const text = this.#pieces.join('');
      this.end();
      this.#before = text.slice(text.lastIndexOf('\n') + 1);
    }
  }

  #tell(line: string): void {
    this.#units += line.length;
    if (this.#units > FOUND_UNITS_MAX) this.isCut = true;
    else this.#found.add(line);
  }
}
