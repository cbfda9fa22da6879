const LF = 0x0a;
/** Straight and typographic apostrophes, and what is typed for them. */
const APOSTROPHES = [0x27, 0x60, 0x2018, 0x2019, 0x201b];

/**
 * The words of a text in lower case, and its line ends as '\n'. Only what certainly divides words divides them here: what has no
 * appearance, or may be part of a word to a search, is part of it.
 */
export class WordReader {
  readonly #text: string;
  #at = 0;
  /** Where the line of the last '\n', or the text, ended. */
  lineEnd = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next word or '\n'; undefined at the end. */
  next(): string | undefined {
    const text = this.#text;
    let at = this.#at;
    while (at < text.length && divides(text.charCodeAt(at))) {
      if (text.charCodeAt(at++) !== LF) continue;
      this.lineEnd = at - 1;
      this.#at = at;
      return '\n';
    }
    const start = at;
    while (at < text.length && !divides(text.charCodeAt(at))) at++;
    this.#at = at;
    if (at > start) return text.slice(start, at).toLowerCase();
    this.lineEnd = text.length;
    return undefined;
  }
}

/** ASCII but letters and digits; spaces; dashes, quotation marks, bullets, dots. */
const DIVIDERS = new Uint8Array(0x1_0000);
for (let unit = 0; unit < 0x80; unit++) {
  DIVIDERS[unit] = /[a-z0-9]/iu.test(String.fromCharCode(unit)) ? 0 : 1;
}
DIVIDERS.fill(1, 0x2000, 0x200b);
DIVIDERS.fill(1, 0x2010, 0x202a);
for (const unit of [0xa0, 0x202f, 0x205f, 0x3000]) DIVIDERS[unit] = 1;
for (const unit of APOSTROPHES) DIVIDERS[unit] = 0;

function divides(unit: number): boolean {
  return DIVIDERS[unit] === 1;
}
