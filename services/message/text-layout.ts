/** Pieces that are joined into one string at a time: keeps memory near the size of the text. */
const PIECES_MAX = 4096;

/** Words with single spaces between them, line ends where blocks begin and end, and no empty lines. */
export class TextLayout {
  #chunks: string[] = [];
  #pieces: string[] = [];
  #gap: '' | ' ' | '\n' = '';
  #isEmpty = true;
  /** Open `<pre>` elements: line ends count inside. */
  preformatted = 0;

  space(): void {
    if (this.#gap === '') this.#gap = ' ';
  }

  newline(): void {
    this.#gap = '\n';
  }

  /** Adds text; a run of words with single spaces between is taken as it stands. */
  add(text: string): void {
    let start = 0;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (!isSpace(unit)) continue;
      if (unit === 0x20 && at > start && isWordAt(text, at + 1)) continue;
      if (at > start) this.#run(text.slice(start, at));
      start = at + 1;
      if (unit === 0x0a && this.preformatted > 0) this.newline();
      else this.space();
    }
    if (start < text.length) this.#run(text.slice(start));
  }

  text(): string {
    this.#chunks.push(this.#pieces.join(''));
    this.#pieces = [];
    return this.#chunks.join('');
  }

  #run(words: string): void {
    if (!this.#isEmpty && this.#gap !== '') this.#pieces.push(this.#gap);
    this.#isEmpty = false;
    this.#gap = '';
    this.#pieces.push(words);
    if (this.#pieces.length < PIECES_MAX) return;
    this.#chunks.push(this.#pieces.join(''));
    this.#pieces = [];
  }
}

function isWordAt(text: string, at: number): boolean {
  return at < text.length && !isSpace(text.charCodeAt(at));
}

/** White space and control characters, and the no-break space. */
function isSpace(unit: number): boolean {
  return unit <= 0x20 || unit === 0xa0;
}
