/** Content of one file: in memory, or in chunks where it is too large for that; their sum is known beforehand. */
export type FileContent = Buffer | StreamedContent;

export interface StreamedContent {
  readonly size: number;
  /** CRC-32 of all of it, as zip wants it. */
  readonly crc32: number;
  readonly chunks: AsyncIterable<Buffer>;
}

/**
 * Where an export goes. Until `finish` returns, everything is below `<out>.partial`; disposing of an unfinished target
 * removes that. Paths are relative, with `/`, and each is given once.
 */
export interface ExportTarget extends AsyncDisposable {
  /** Adds one whole file. Calls may overlap; files are in the order of the calls. */
  put(path: string, content: FileContent): Promise<void>;

  /** Where to write a file that grows while others are added. */
  draftOf(path: string): string;

  /** Takes in a file that was written to `draftOf(path)` and is complete. */
  take(path: string, content: { readonly size: number; readonly crc32: number }): Promise<void>;

  /** Gives the export its name, durable on return. */
  finish(): Promise<void>;
}
