const LF = 0x0a;
const APOSTROPHE = 0x27;

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

/** ASCII but letters, digits and the apostrophe; spaces; dashes, quotation marks, bullets, dots. */
const DIVIDERS = new Uint8Array(0x1_0000);
for (let unit = 0; unit < 0x80; unit++) {
  DIVIDERS[unit] = /[a-z0-9]/iu.test(String.fromCharCode(unit)) || unit === APOSTROPHE ? 0 : 1;
}
DIVIDERS.fill(1, 0x2000, 0x200b);
DIVIDERS.fill(1, 0x2010, 0x202a);
for (const unit of [0xa0, 0x202f, 0x205f, 0x3000]) DIVIDERS[unit] = 1;
// The apostrophe that word processors write.
DIVIDERS[0x2019] = 0;

function divides(unit: number): boolean {
  return DIVIDERS[unit] === 1;
}
