interface OpenElement<Fact> {
  readonly fact: Fact;
  /** How many elements of its name are open inside it. */
  inside: number;
}

/** More are not remembered: whoever opens them without end says nothing. */
const OPEN_MAX = 10_000;

/** The open elements of which something must be known at their ends, by name. */
export class OpenElements<Fact> {
  readonly #open = new Map<string, OpenElement<Fact>[]>();
  #count = 0;
  /** Whether one was too many. */
  isFull = false;

  open(tag: string): void {
    if (this.#count === 0) return;
    const last = this.#open.get(tag)?.at(-1);
    if (last !== undefined) last.inside++;
  }

  /** Something is known of the element just opened. */
  mark(tag: string, fact: Fact): void {
    if (this.#count >= OPEN_MAX) {
      this.isFull = true;
      return;
    }
    const open = this.#open.get(tag) ?? [];
    const last = open.at(-1);
    // `open` counted it as one inside another.
    if (last !== undefined) last.inside--;
    open.push({ fact, inside: 0 });
    this.#open.set(tag, open);
    this.#count++;
  }

  /** What was known of the element that ends here. */
  close(tag: string): Fact | undefined {
    if (this.#count === 0) return undefined;
    const open = this.#open.get(tag);
    const last = open?.at(-1);
    if (open === undefined || last === undefined) return undefined;
    if (last.inside-- > 0) return undefined;
    open.pop();
    this.#count--;
    return last.fact;
  }
}
