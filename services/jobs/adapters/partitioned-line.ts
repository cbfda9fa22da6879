/** A waiting line in which partitions take turns, and each keeps its own order. */
export class PartitionedLine<Item> {
  readonly #partitions = new Map<string, Item[]>();
  /** Partitions that have something waiting; the first one's turn is next. */
  readonly #turns: string[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(partition: string, item: Item): void {
    const waiting = this.#partitions.get(partition);
    this.#length += 1;
    if (waiting !== undefined) {
      waiting.push(item);
      return;
    }
    this.#partitions.set(partition, [item]);
    this.#turns.push(partition);
  }

  /** Up to `count` items, one from each partition in turn. */
  take(count: number): Item[] {
    const taken: Item[] = [];
    while (taken.length < count) {
      const partition = this.#turns.shift();
      if (partition === undefined) break;
      const waiting = this.#partitions.get(partition) ?? [];
      const item = waiting.shift();
      if (waiting.length > 0) this.#turns.push(partition);
      else this.#partitions.delete(partition);
      if (item !== undefined) taken.push(item);
    }
    this.#length -= taken.length;
    return taken;
  }
}
