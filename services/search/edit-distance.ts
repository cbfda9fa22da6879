/**
 * Optimal string alignment distance between two strings of characters: how many are more, fewer or others; two neighbours that are
 * exchanged count once, where nothing else changes them.
 * @param enough a distance above this need not be exact
 */
export function editDistance<Character>(a: ArrayLike<Character>, b: ArrayLike<Character>, enough = Infinity): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, place) => place);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(row, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const exchanged = areExchanged(a, i, b, j) ? at(before, j - 2) + 1 : replaced;
      next.push(Math.min(at(row, j) + 1, at(next, j - 1) + 1, replaced, exchanged));
    }
    // What follows is at least the smaller of the two rows' smallest.
    if (Math.min(...next, ...row) > enough) return enough + 1;
    before = row;
    row = next;
  }
  return at(row, b.length);
}

function areExchanged<Character>(a: ArrayLike<Character>, i: number, b: ArrayLike<Character>, j: number): boolean {
  return i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
}

function at(row: readonly number[], place: number): number {
  return row[place] ?? 0;
}
