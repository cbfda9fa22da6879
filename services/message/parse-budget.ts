/**
 * What reading one message may cost. What lies beyond a limit is not dropped in silence: it is searched as raw text where
 * that is possible, and a flag says which limit it was.
 */
export interface ParseBudget {
  /** Entities (parts, attached messages) read as such; the rest of the message is taken as raw text: `parts-truncated`. */
  readonly parts: number;
  /** Multiparts and attached messages inside each other; what lies deeper is taken as raw text: `depth-truncated`. */
  readonly depth: number;
  /** Bytes of one header block in which fields are looked for: `header-truncated`. */
  readonly headerBytes: number;
  /** Fields of one header block that are looked at: `header-truncated`. */
  readonly headerFields: number;
  /** UTF-16 code units of text kept of the whole message, attachments included: `text-truncated`. */
  readonly textLength: number;
  /** Bytes of the message that are looked at: `message-truncated`. */
  readonly messageBytes: number;
}

export const defaultParseBudget: ParseBudget = {
  parts: 10_000,
  depth: 100,
  headerBytes: 1024 * 1024,
  headerFields: 10_000,
  textLength: 16 * 1024 * 1024,
  messageBytes: 64 * 1024 * 1024,
};
