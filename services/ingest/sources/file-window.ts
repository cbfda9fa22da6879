/** Fills `buffer` from a position of a file, returning how many bytes there were; fewer only at the end. */
export type ReadAt = (buffer: Buffer, position: number) => Promise<number>;

const chunkBytes = 1024 * 1024;

/** A moving window over a file that is larger than memory. Positions are counted in the file. */
export class FileWindow {
  readonly #readAt: ReadAt;
  #bytes: Buffer = Buffer.alloc(0);
  #start = 0;
  #atEnd = false;

  constructor(readAt: ReadAt) {
    this.#readAt = readAt;
  }

  /** What is held now, from `start` on. Valid until the next `grow` or `moveTo`. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  get start(): number {
    return this.#start;
  }

  get end(): number {
    return this.#start + this.#bytes.length;
  }

  /** True when nothing follows what is held. */
  get atEnd(): boolean {
    return this.#atEnd;
  }

  /** Reads one chunk more. */
  async grow(): Promise<void> {
    const chunk = Buffer.allocUnsafe(chunkBytes);
    const count = await this.#readAt(chunk, this.end);
    this.#atEnd = count < chunk.length;
    const fresh = chunk.subarray(0, count);
    this.#bytes = this.#bytes.length === 0 ? fresh : Buffer.concat([this.#bytes, fresh]);
  }

  /** Reads on until everything before `position`, or up to the end of the file, is held. */
  async hold(position: number): Promise<void> {
    while (this.end < position && !this.#atEnd) await this.grow();
  }

  /** Lets go of everything before `position`, which lies in the window or at its end. */
  moveTo(position: number): void {
    this.#bytes = this.#bytes.subarray(position - this.#start);
    this.#start = position;
  }

  /** First position at or after `position` where `needle` begins; reads on while the window is below `heldBytesMax`. */
  async find(needle: Buffer, position: number, heldBytesMax: number): Promise<number | 'end' | 'too-far'> {
    let from = position;
    for (;;) {
      const at = this.#bytes.indexOf(needle, from - this.#start);
      if (at >= 0) return this.#start + at;
      if (this.#atEnd) return 'end';
      if (this.#bytes.length > heldBytesMax) return 'too-far';
      from = Math.max(position, this.end - needle.length + 1);
      await this.grow();
    }
  }
}
