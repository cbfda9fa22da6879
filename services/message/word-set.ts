/** The words of a text that is written over several lines, for tables of names. */
export function wordSet(text: string): Set<string> {
  return new Set(text.trim().split(/\s+/u));
}
