/** A longer word is none that anybody looks for. */
const WORD_MAX = 64;
const READINGS_MAX = 16;
const THIN_MAX = 8;
/** What all further words of one text may take. */
const FOUND_UNITS_MAX = 1_000_000;

/** Where nothing stands before. */
export const NOTHING_BEFORE: readonly string[] = [''];

/**
 * The words that a reader may see where markup stands within or between letters, and no white space: what it parts may be one
 * word, and what it contains may be hidden. All beginnings that the word at hand may have are kept side by side.
 */
export class WordReadings {
  readonly #found = new Set<string>();
  #units = 0;
  #beginnings: readonly string[] = NOTHING_BEFORE;
  /** The beginning that stands in the text as it was written. */
  #written = '';
  #isTold = true;
  /** What the parts of the word at hand are, where it ends at every mark-up: they stand in the text. */
  #parts: string[] = [];
  /** There are several beginnings. */
  isOpen = false;
  /** There were more than are kept. */
  isCut = false;

  /** Words that stand in the text in parts, or with other letters within. */
  get found(): ReadonlySet<string> {
    return this.#found;
  }

  get beginnings(): readonly string[] {
    return this.#beginnings;
  }

  begin(written: string): void {
    this.isOpen = true;
    this.#isTold = true;
    this.#written = written;
    this.#beginnings = [written];
  }

  /** A word may end here, or go on. */
  part(): void {
    this.#tell();
    if (this.#written !== '') this.#parts = [...this.#parts.slice(1 - READINGS_MAX), this.#written];
    this.#written = '';
    this.#admit(NOTHING_BEFORE);
  }

  /** Blocks follow each other as people write them: of very many, not all words are kept that they may make. */
  thin(): void {
    this.#beginnings = this.#beginnings.slice(-THIN_MAX);
  }

  /** An element ends that nobody may see: the word may have begun with what stood before it. */
  skip(before: readonly string[]): void {
    this.#admit(before);
    this.#isTold = false;
  }

  /** The text goes on with these words. */
  goOn(words: string): void {
    const end = endOfRun(words);
    if (end > 0) {
      const run = words.slice(0, end);
      this.#written += run;
      this.#isTold = false;
      this.#beginnings = this.#beginnings
        .map((beginning) => beginning + run)
        .filter((beginning) => beginning.length <= WORD_MAX);
    }
    if (end < words.length) this.end();
  }

  /** The word ends here, however it began. */
  end(): void {
    this.#tell();
    this.#beginnings = NOTHING_BEFORE;
    this.#parts = [];
    this.isOpen = false;
  }

  #tell(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    for (const word of this.#beginnings) {
      if (word === '' || word === this.#written || this.#parts.includes(word) || this.#found.has(word)) continue;
      this.#units += word.length;
      if (this.#units > FOUND_UNITS_MAX) this.isCut = true;
      else this.#found.add(word);
    }
  }

  #admit(beginnings: readonly string[]): void {
    const all = [...this.#beginnings, ...beginnings.filter((beginning) => !this.#beginnings.includes(beginning))];
    this.isCut ||= all.length > READINGS_MAX;
    // The one that began last stands last.
    this.#beginnings = all.length > READINGS_MAX ? all.slice(-1) : all;
  }
}

const PART = 1;
const DIVIDER = 2;
/** Filled as characters are met; 0 where none was yet. */
const known = new Uint8Array(0x1_0000);

function classify(unit: string): number {
  if (/['`\u2018\u2019\u201b\u2032\u055a\u05f3\uff07]/u.test(unit)) return PART;
  return /[\p{P}\p{Z}\t-\r+<=>|~$^]/u.test(unit) ? DIVIDER : PART;
}

/** Whether a UTF-16 unit may be part of a word: all but white space and punctuation. */
export function isPart(unit: number): boolean {
  const kept = known[unit] ?? PART;
  return (kept === 0 ? (known[unit] = classify(String.fromCharCode(unit))) : kept) === PART;
}

function endOfRun(words: string): number {
  let at = 0;
  while (at < words.length && isPart(words.charCodeAt(at))) at++;
  return at;
}

/** The end of a text that may be the beginning of a word, as far back as a word can reach. */
export function tailOf(pieces: readonly string[]): string {
  let tail = '';
  for (let index = pieces.length - 1; index >= 0 && tail.length <= WORD_MAX; index--) {
    const piece = pieces[index] ?? '';
    const least = Math.max(0, piece.length - WORD_MAX - 1);
    let at = piece.length;
    while (at > least && isPart(piece.charCodeAt(at - 1))) at--;
    tail = piece.slice(at) + tail;
    if (at > 0) break;
  }
  return tail.length > WORD_MAX ? tail.slice(-WORD_MAX - 1) : tail;
}
