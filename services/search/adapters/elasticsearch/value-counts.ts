/** How many captures have a value. */
export interface ValueCount {
  readonly value: string;
  readonly count: number;
}

/** The counts of several parts as those of the whole. Each gives its values in the engine's order, and so does this: none is kept. */
export async function* summedCounts(parts: readonly AsyncIterator<ValueCount>[]): AsyncGenerator<ValueCount> {
  const heads = await Promise.all(parts.map(async (part) => ({ part, next: await nextOf(part) })));
  for (let value = leastOf(heads); value !== undefined; value = leastOf(heads)) {
    let count = 0;
    for (const head of heads) {
      if (head.next?.value !== value) continue;
      count += head.next.count;
      head.next = await nextOf(head.part);
    }
    yield { value, count };
  }
}

async function nextOf(part: AsyncIterator<ValueCount>): Promise<ValueCount | undefined> {
  const { done, value } = await part.next();
  return done === true ? undefined : value;
}

/** The engine compares keywords by their UTF-8. */
function leastOf(heads: readonly { readonly next: ValueCount | undefined }[]): string | undefined {
  const values = heads.flatMap(({ next }) => next?.value ?? []);
  if (values.length <= 1) return values[0];
  return values.reduce((a, b) => (Buffer.compare(Buffer.from(a), Buffer.from(b)) <= 0 ? a : b));
}
