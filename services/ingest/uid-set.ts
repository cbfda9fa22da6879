/** A set of IMAP UIDs as ascending, disjoint, inclusive ranges: a mailbox of 10^6 messages is usually one range. */
export class UidSet {
  /** Flat: from, to, from, to … */
  #bounds: number[];

  constructor(ranges: Iterable<readonly [from: number, to: number]> = []) {
    this.#bounds = merged([...ranges]);
  }

  /** @param uids in any order, repetitions allowed */
  static of(uids: Iterable<number>): UidSet {
    const set = new UidSet();
    set.#bounds = boundsOf(Uint32Array.from(uids).sort());
    return set;
  }

  has(uid: number): boolean {
    const at = this.#firstEndingAt(uid);
    return at < this.#bounds.length && (this.#bounds[at] ?? 0) <= uid;
  }

  get size(): number {
    let size = 0;
    for (const [from, to] of this.ranges()) size += to - from + 1;
    return size;
  }

  *ranges(): Generator<readonly [from: number, to: number]> {
    for (let at = 0; at < this.#bounds.length; at += 2) yield [this.#bounds[at] ?? 0, this.#bounds[at + 1] ?? 0];
  }

  /** RFC 3501 sequence-set, `1:4,7,9:12`; empty for the empty set, which has no such form. */
  toString(): string {
    return [...this.ranges()].map(([from, to]) => (from === to ? `${from}` : `${from}:${to}`)).join(',');
  }

  /** Index of the `from` of the first range that ends at `uid` or later. */
  #firstEndingAt(uid: number): number {
    let low = 0;
    let high = this.#bounds.length / 2;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#bounds[middle * 2 + 1] ?? 0) < uid) low = middle + 1;
      else high = middle;
    }
    return low * 2;
  }
}

function boundsOf(ascending: Uint32Array): number[] {
  const bounds: number[] = [];
  for (const uid of ascending) {
    const last = bounds.length - 1;
    if (last > 0 && uid <= (bounds[last] ?? 0) + 1) bounds[last] = uid;
    else bounds.push(uid, uid);
  }
  return bounds;
}

function merged(ranges: (readonly [number, number])[]): number[] {
  const bounds: number[] = [];
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = bounds.length - 1;
    if (last > 0 && from <= (bounds[last] ?? 0) + 1) bounds[last] = Math.max(bounds[last] ?? 0, to);
    else bounds.push(from, to);
  }
  return bounds;
}
