import type { ReadableMessage } from '../message-fetching.ts';

/** Where a message stands in the export. */
export interface MessagePlace {
  readonly path: string;
  /** In an mbox: where its first byte is, behind the `From ` line, and how many bytes it has there, quoted. */
  readonly offset?: number;
  readonly length?: number;
}

/** Writes messages in one format. */
export interface MessageWriter {
  /** Writes these messages and answers where, in the same order. */
  write(messages: readonly ReadableMessage[]): Promise<readonly MessagePlace[]>;
}
