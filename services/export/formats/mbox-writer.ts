import type { ExportFiles, GrowingFile } from '../export-files.ts';
import type { FileContent } from '../export-target.ts';
import { fileNames } from '../layout.ts';
import type { ReadableMessage } from '../message-fetching.ts';
import type { MessagePlace, MessageWriter } from './message-writer.ts';
import { MboxrdQuoting, separatorLine } from './mboxrd.ts';

const LF = 0x0a;

/** All messages in one mboxrd file. */
export class MboxWriter implements MessageWriter {
  readonly #file: GrowingFile;

  private constructor(file: GrowingFile) {
    this.#file = file;
  }

  static async open(files: ExportFiles): Promise<MboxWriter> {
    return new MboxWriter(await files.grow(fileNames.mbox));
  }

  async write(messages: readonly ReadableMessage[]): Promise<readonly MessagePlace[]> {
    const places: MessagePlace[] = [];
    for (const message of messages) places.push(await this.#append(message));
    return places;
  }

  async #append({ message, content }: ReadableMessage): Promise<MessagePlace> {
    await this.#file.append(separatorLine(message.capturedAt));
    const offset = this.#file.size;
    const last = await this.#quoted(content);
    const length = this.#file.size - offset;
    // The separating blank line, after the end of a last line that has none.
    await this.#file.append(last === LF ? '\n' : '\n\n');
    return { path: fileNames.mbox, offset, length };
  }

  /** Answers the last byte. */
  async #quoted(content: FileContent): Promise<number | undefined> {
    const quoting = new MboxrdQuoting();
    let last: number | undefined;
    for await (const chunk of Buffer.isBuffer(content) ? [content] : content.chunks) {
      last = chunk.at(-1) ?? last;
      await this.#file.append(quoting.push(chunk));
    }
    await this.#file.append(quoting.end());
    return last;
  }
}
