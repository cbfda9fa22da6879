import type { BlobRef } from '#archive';

/** What an archived message says, as far as it could be read. */
export interface ArchivedContent {
  /** Of a document with the flag `parse-timeout` or `parse-failed` where it could not be read at all. */
  readonly encoded: Uint8Array;
  /** Something in it was not read as text: an image, an office file, an archive. */
  readonly hasUnread: boolean;
}

/** Reads archived messages as their capture did: off the event loop, and never longer than a bound, whatever they contain. */
export interface ArchivedContents {
  /** One answer for each message, in order; undefined for one that storage says was disposed of. */
  read(
    messages: readonly (BlobRef & { readonly size: number })[],
  ): Promise<readonly ({ readonly read: ArchivedContent } | undefined)[]>;
}
