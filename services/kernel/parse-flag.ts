/** Why something may be missing from what was read of a message. All that judge messages know these; who sets them is `message`. */
export type ParseFlag =
  | 'empty'
  | 'no-header'
  | 'no-header-end'
  | 'nul-bytes'
  | 'no-message-id'
  | 'several-message-ids'
  | 'date-missing'
  | 'date-unreadable'
  | 'date-implausible'
  | 'date-zone-unknown'
  | 'unknown-charset'
  | 'undeclared-8bit'
  | 'bad-encoding'
  | 'ambiguous-structure'
  | 'header-truncated'
  | 'parts-truncated'
  | 'depth-truncated'
  | 'text-truncated'
  | 'message-truncated'
  | 'unterminated-multipart'
  | 'encrypted'
  | 'unreadable-text'
  /** HTML with a picture, or another file, in itself: content that was not read, as an attached picture is. */
  | 'embedded-file'
  | 'parse-failed'
  | 'parse-timeout';

/** A message with one of these flags may say something that nobody read. */
export const unreadFlags: readonly ParseFlag[] = [
  'parse-failed',
  'parse-timeout',
  'header-truncated',
  'parts-truncated',
  'depth-truncated',
  'text-truncated',
  'message-truncated',
  'unknown-charset',
  'bad-encoding',
  'ambiguous-structure',
  'unterminated-multipart',
  'encrypted',
  'unreadable-text',
];
