/** Pieces that are joined into one string at a time. */
const PIECES_MAX = 4096;
/** What all lines of one text may take that are seen otherwise than they are written. */
const FOUND_UNITS_MAX = 1_000_000;

type Gap = '' | ' ' | '\n';

/**
 * The line at hand as a reader sees it where everything is left out that may be hidden, or is shown in the place of something: with what
 * is written between them, words are no neighbours that are to a reader.
 */
export class SeenLine {
  readonly #found = new Set<string>();
  #units = 0;
  #pieces: string[] = [];
  #hidden = 0;
  /** Something was left out behind the last word. */
  #hasHole = false;
  /** Something was left out between two words. */
  #isParted = false;
  /** What stands before the next word. */
  gap: Gap = '';
  /** There were more such lines than are kept. */
  isCut = false;

  /** The lines in which something was left out between two words, as they are seen. */
  get found(): ReadonlySet<string> {
    return this.#found;
  }

  /** Whether words were left out last, and nothing said where that ends. */
  get isUnclosed(): boolean {
    return this.#hidden > 0 && this.#hasHole;
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

  add(words: string): void {
    if (this.#hidden > 0) {
      this.#hasHole = true;
      return;
    }
    if (this.gap === '\n') this.end();
    this.#isParted ||= this.#hasHole && this.#pieces.length > 0;
    this.#hasHole = false;
    if (this.#pieces.length > 0 && this.gap !== '') this.#pieces.push(this.gap);
    this.#pieces.push(words);
    this.gap = '';
    if (this.#pieces.length >= PIECES_MAX) this.#pieces = [this.#pieces.join('')];
  }

  /** The line ends here. */
  end(): void {
    if (this.#isParted) this.#tell(this.#pieces.join(''));
    this.#pieces = [];
    this.#isParted = false;
  }

  #tell(line: string): void {
    this.#units += line.length;
    if (this.#units > FOUND_UNITS_MAX) this.isCut = true;
    else this.#found.add(line);
  }
}
