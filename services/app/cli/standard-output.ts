import { once } from 'node:events';
import { fstatSync, writeSync } from 'node:fs';
import { messageOf, systemCodeOf } from '#kernel';
import { AppFault } from '../app-fault.ts';

/** Why a command ends when nobody reads its answer any more (`| head`): in silence, as SIGPIPE would end it. */
export const readerGone = new Error('nobody reads the answer any more');

const descriptor = 1;

/**
 * Standard output, written whole, or the command fails. Files and devices are written here: for them Node's own stream writes once, and
 * takes a part, as a disk that has just become full gives it, for all.
 */
export class StandardOutput {
  readonly isTerminal = process.stdout.isTTY;
  readonly #isFile: boolean;
  readonly #onFailure: (reason: Error) => void;
  #failure: Error | undefined;

  /** @param onFailure called once, with `readerGone` or an AppFault `output-failed` */
  constructor(onFailure: (reason: Error) => void) {
    const stats = fstatSync(descriptor);
    this.#isFile = !this.isTerminal && (stats.isFile() || stats.isCharacterDevice());
    this.#onFailure = onFailure;
    process.stdout.on('error', (error) => this.#fail(error));
  }

  write(chunk: Uint8Array | string): void {
    if (this.#failure !== undefined) return;
    if (!this.#isFile) {
      process.stdout.write(chunk);
      return;
    }
    try {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** Waits while the reader is slower than we are. @throws what was written before and failed; when the signal is aborted */
  async taken(signal: AbortSignal): Promise<void> {
    if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain', { signal });
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Waits until all is written. @throws `readerGone`; AppFault `output-failed` */
  async flushed(): Promise<void> {
    if (this.#failure === undefined) await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
    if (this.#failure !== undefined) throw this.#failure;
  }

  #fail(thrown: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = systemCodeOf(thrown) === 'EPIPE' ? readerGone : outputFailed(thrown);
    this.#onFailure(this.#failure);
  }
}

function outputFailed(cause: unknown): AppFault {
  return new AppFault('output-failed', `The answer could not be written to standard output: ${messageOf(cause)}.`, {
    remedy: 'What the command did stays done. Make room, or send the answer elsewhere, and ask again.',
    cause,
  });
}
