import type { ExportFiles } from '../export-files.ts';
import { messagePath } from '../layout.ts';
import type { ReadableMessage } from '../message-fetching.ts';
import type { MessagePlace, MessageWriter } from './message-writer.ts';

/** One file per message: its bytes as received, so that the digest is the file's. */
export class EmlWriter implements MessageWriter {
  readonly #files: ExportFiles;

  constructor(files: ExportFiles) {
    this.#files = files;
  }

  async write(messages: readonly ReadableMessage[]): Promise<readonly MessagePlace[]> {
    const files = messages.map(({ message, content }) => {
      return { path: messagePath(message), content, sha256: message.digest };
    });
    await this.#files.put(files);
    return files.map(({ path }) => ({ path }));
  }
}
