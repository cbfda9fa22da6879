/** In order, as many together as the limits allow; what is larger than that goes by itself. */
export function* inGroups<T extends { readonly size: number }>(
  items: readonly T[],
  { count, bytes }: { readonly count: number; readonly bytes: number },
): Generator<readonly T[]> {
  let group: T[] = [];
  let held = 0;
  for (const item of items) {
    if (group.length > 0 && (group.length >= count || held + item.size > bytes)) {
      yield group;
      [group, held] = [[], 0];
    }
    group.push(item);
    held += item.size;
  }
  if (group.length > 0) yield group;
}
