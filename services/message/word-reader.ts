/** Straight and typographic apostrophes, and what is typed for them. */
const APOSTROPHES = [0x27, 0x60, 0x2018, 0x2019, 0x201b];

/**
 * The words of a text in lower case. Only what certainly divides words divides them here: what has no appearance, or may be part of
 * a word to a search, is part of it. Signs that are a word to no search are taken together with the word behind them: none of
 * the words that are counted is one that no phrase can contain.
 */
export class WordReader {
  readonly #text: string;
  /** Where the last word ended. */
  end = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next word; undefined at the end. */
  next(): string | undefined {
    const first = this.#piece();
    const start = this.end - first.length;
    for (let piece = first; piece !== '' && !SEARCHED.test(piece);) piece = this.#piece();
    return first === '' ? undefined : this.#text.slice(start, this.end).toLowerCase();
  }

  /** What stands next between what divides; empty behind the last one. */
  #piece(): string {
    const text = this.#text;
    let start = this.end;
    while (start < text.length && divides(text.charCodeAt(start))) start++;
    if (start === text.length) return '';
    let at = start;
    while (at < text.length && !divides(text.charCodeAt(at))) at++;
    this.end = at;
    return text.slice(start, at);
  }
}

/** What every search takes for a word, or part of one: letters and digits, but those that stand for an apostrophe, a mark or nothing. */
const SEARCHED =
  /[a-z0-9]|(?![\ua78b\ua78c\ufc5e-\ufc63\ufe70-\ufe7f\p{Default_Ignorable_Code_Point}])[\p{Ll}\p{Lu}\p{Lt}\p{Lo}\p{Nd}]/u;

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
