/** The value, or undefined for whatever is no JSON: what Redis holds may have been written by anybody. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
