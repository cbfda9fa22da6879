/** Changes whenever the same text would give other tokens; stored with every index. */
export const analyzerVersion = 1;

/** The tokens of a text, joined by one space; empty when it has none. Texts and queries go through the same. */
export function analyze(text: string): string {
  return analyzeAscii(text);
}

function analyzeAscii(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/gu, ' ')
    .trim();
}
