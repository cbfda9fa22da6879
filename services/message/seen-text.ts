/**
 * What one side of a multipart/alternative has said, so that the other side adds only the lines that say something else.
 * Texts are compared as runs of three words, letters and digits only, because the sides wrap and punctuate differently. Two
 * different runs may share a hash (one in 2^30): then a line that repeats nothing is left out, which two words beside it
 * must also hit; this is accepted.
 */
export class SeenText {
  readonly #runs = new Set<number>();
  #any = false;

  /** The lines of `text` that were not said before; all of it the first time. */
  fresh(text: string): string {
    if (!this.#any) {
      this.#any = true;
      this.#remember(text);
      return text;
    }
    const kept = linesWith(text, this.#runs);
    if (kept !== '') this.#remember(kept);
    return kept;
  }

  #remember(text: string): void {
    const words = new WordRuns();
    for (let at = 0; at <= text.length; at++) {
      const run = words.next(at < text.length ? text.charCodeAt(at) : 0x20);
      if (run !== undefined) this.#runs.add(run);
    }
  }
}

function linesWith(text: string, known: ReadonlySet<number>): string {
  const words = new WordRuns();
  const kept: string[] = [];
  let lineStart = 0;
  let isNew = false;
  for (let at = 0; at <= text.length; at++) {
    const unit = at < text.length ? text.charCodeAt(at) : 0x0a;
    const run = words.next(unit);
    if (run !== undefined && !known.has(run)) isNew = true;
    if (unit !== 0x0a) continue;
    if (isNew) kept.push(text.slice(lineStart, at));
    isNew = false;
    lineStart = at + 1;
  }
  return kept.join('\n');
}

/** Hashes of each word with the two before it. */
class WordRuns {
  #word = 0;
  #previous = 0;
  #beforePrevious = 0;

  next(unit: number): number | undefined {
    const letter = letterOf(unit);
    if (letter > 0) {
      this.#word = (Math.imul(this.#word, 31) + letter) | 0;
      return undefined;
    }
    if (this.#word === 0) return undefined;
    const run = (Math.imul(this.#beforePrevious, 961) + Math.imul(this.#previous, 31) + this.#word) | 0;
    this.#beforePrevious = this.#previous;
    this.#previous = this.#word;
    this.#word = 0;
    return run;
  }
}

/** The letter or digit in lower case, or 0 for what separates words. */
function letterOf(unit: number): number {
  if (unit >= 0x61 && unit <= 0x7a) return unit;
  if (unit >= 0x41 && unit <= 0x5a) return unit | 0x20;
  if (unit >= 0x30 && unit <= 0x39) return unit;
  return unit >= 0xc0 && (unit < 0x2000 || unit > 0x206f) ? unit : 0;
}
