/** Words that a phrase may have, and be found in whatever alternative it stands. */
export const WINDOW_WORDS = 32;

const FACTOR = 0x9e37_79b1;
const LAST_FACTOR = Array.from({ length: WINDOW_WORDS }).reduce((power: number) => Math.imul(power, FACTOR), 1);

/** The last words of a text as numbers, and one number for all of them that is changed, not computed anew, with each word. */
export class WordWindow {
  readonly #numbers = new Float64Array(WINDOW_WORDS);
  /** How many words were pushed. */
  count = 0;
  /** Differs for almost all windows that differ. */
  hash = 0;

  push(number: number): void {
    const at = this.count++ % WINDOW_WORDS;
    const dropped = this.#numbers[at] ?? 0;
    this.#numbers[at] = number;
    this.hash = (Math.imul(this.hash, FACTOR) + number - Math.imul(dropped, LAST_FACTOR)) | 0;
  }

  get isFull(): boolean {
    return this.count >= WINDOW_WORDS;
  }

  /** The words held, at most `WINDOW_WORDS`, oldest first. */
  numbers(): number[] {
    const start = Math.max(0, this.count - WINDOW_WORDS);
    return Array.from({ length: this.count - start }, (_, at) => this.#numbers[(start + at) % WINDOW_WORDS] ?? 0);
  }

  /** Whether these very words stand in `said`, the last of them at `end`. */
  endsAt(end: number, said: readonly number[]): boolean {
    for (let back = 0; back < WINDOW_WORDS; back++) {
      if (said[end - back] !== this.#numbers[(this.count - 1 - back) % WINDOW_WORDS]) return false;
    }
    return true;
  }
}
