/** Beyond these a query is refused as a whole; it is never cut. */
export const queryLimits = {
  /** UTF-16 units. */
  lengthMax: 100_000,
  /** Parentheses and NOTs within each other. */
  nestingMax: 100,
  /** Tokens of words and phrases, and other conditions, together. */
  termsMax: 2_000,
  /** Signs * and ? in one word, where several in a row count once or by their number of ?. */
  wildcardsMax: 8,
  /** Words of a phrase that has a wildcard. */
  patternTermsMax: 32,
  /** Words with ~, or with a wildcard before their end: for each of them all words of the archive are looked through. */
  patternsMax: 25,
  /** Words from one operand of a proximity to the other. */
  distanceMax: 1_000,
  /** Proximities that are sides of each other. */
  proximitiesMax: 10,
} as const;
