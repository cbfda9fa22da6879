/** Whether a version such as `7.0.15` or `9.4.3-SNAPSHOT` is not older than another. */
export function isAtLeast(version: string, oldest: string): boolean {
  const [have, want] = [numbersOf(version), numbersOf(oldest)];
  for (const [at, wanted] of want.entries()) {
    const had = have[at] ?? 0;
    if (had !== wanted) return had > wanted;
  }
  return true;
}

function numbersOf(version: string): readonly number[] {
  return version.split(/[.-]/u).map((part) => Number.parseInt(part, 10) || 0);
}
