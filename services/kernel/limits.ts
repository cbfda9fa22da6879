/** Sizes that more than one folder must agree on. Bytes unless the name says otherwise. */
export const limits = {
  /** C2SP tlog-tiles: entries carry a 16-bit length. */
  ledgerEntryBytesMax: 65_535,
  /** A message up to this size is handled in memory; a larger one through a file. */
  messageInMemoryBytesMax: 16 * 1024 * 1024,
  /** The largest message that is accepted from any source. */
  messageBytesMax: 2 * 1024 * 1024 * 1024,
} as const;
