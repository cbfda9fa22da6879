/** Beyond these a query is refused as a whole; it is never cut. */
export const queryLimits = {
  /** UTF-16 units. */
  lengthMax: 100_000,
  /** Parentheses and NOTs within each other. */
  nestingMax: 100,
  /** Tokens of words and phrases, and other conditions, together. */
  termsMax: 2_000,
} as const;
