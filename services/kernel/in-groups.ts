/**
 * In order, as many together as the limits allow; what is larger than that goes by itself.
 * @param sizeOf what an item counts, in bytes, where that is not its size
 */
export async function* inGroups<T extends { readonly size: number }>(
  items: Iterable<T> | AsyncIterable<T>,
  { count, bytes }: { readonly count: number; readonly bytes: number },
  sizeOf: (item: T) => number = ({ size }) => size,
): AsyncGenerator<T[]> {
  let group: T[] = [];
  let held = 0;
  for await (const item of items) {
    const size = sizeOf(item);
    if (group.length > 0 && (group.length >= count || held + size > bytes)) {
      yield group;
      [group, held] = [[], 0];
    }
    group.push(item);
    held += size;
  }
  if (group.length > 0) yield group;
}
