import { createReadStream } from 'node:fs';
import { crc32 } from 'node:zlib';
import { AppendFile } from './append-file.ts';
import type { FileContent } from './export-target.ts';

/** 1980-01-01, 00:00: the first moment zip can name (APPNOTE 4.4.6). */
const dosDate = 0x0021;
const version20 = 20;
/** With zip64 (APPNOTE 4.4.3.2). */
const version45 = 45;
const madeOnUnix = 3;
const fileMode = 0o100644;
const max16 = 0xffff;
const max32 = 0xffff_ffff;

interface ZipEntry {
  readonly name: Buffer;
  readonly crc32: number;
  readonly size: number;
  readonly offset: number;
}

/**
 * A zip archive (PKWARE APPNOTE 6.3) whose every byte follows from its content: entries are stored, not deflated, because
 * a compressor's output changes with its version; no time, one mode, sizes before the data. Its directory waits in a file
 * of its own, so that memory does not grow with the number of entries.
 */
export class ZipFile implements AsyncDisposable {
  readonly #file: AppendFile;
  readonly #directory: AppendFile;
  readonly #directoryPath: string;
  #entries = 0;

  private constructor(file: AppendFile, directory: AppendFile, directoryPath: string) {
    this.#file = file;
    this.#directory = directory;
    this.#directoryPath = directoryPath;
  }

  static async create(path: string): Promise<ZipFile> {
    const directoryPath = `${path}.directory`;
    const file = await AppendFile.create(path);
    try {
      return new ZipFile(file, await AppendFile.create(directoryPath), directoryPath);
    } catch (thrown) {
      await file[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  /** One after the other. */
  async add(path: string, content: FileContent): Promise<void> {
    const { size, sum } = Buffer.isBuffer(content)
      ? { size: content.length, sum: crc32(content) }
      : { size: content.size, sum: content.crc32 };
    const entry = { name: Buffer.from(path), crc32: sum, size, offset: this.#file.size };
    await this.#file.append(localHeader(entry));
    if (Buffer.isBuffer(content)) await this.#file.append(content);
    else for await (const chunk of content.chunks) await this.#file.append(chunk);
    await this.#directory.append(directoryHeader(entry));
    this.#entries += 1;
  }

  /** Closes the archive, on the medium on return. */
  async finish(): Promise<void> {
    await this.#directory.finish();
    const offset = this.#file.size;
    for await (const chunk of createReadStream(this.#directoryPath)) await this.#file.append(Buffer.from(chunk));
    await this.#file.append(endOfDirectory(this.#entries, this.#directory.size, offset));
    await this.#file.finish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file[Symbol.asyncDispose]();
    await this.#directory[Symbol.asyncDispose]();
  }
}

/** APPNOTE 4.3.7. */
function localHeader({ name, crc32: sum, size }: ZipEntry): Buffer {
  const extra = size < max32 ? Buffer.alloc(0) : zip64Extra([size, size]);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  common(header, 4, { sum, size, zip64: extra.length > 0, name, extra });
  return Buffer.concat([header, name, extra]);
}

/** APPNOTE 4.3.12. */
function directoryHeader({ name, crc32: sum, size, offset }: ZipEntry): Buffer {
  const beyond = [...(size < max32 ? [] : [size, size]), ...(offset < max32 ? [] : [offset])];
  const extra = beyond.length === 0 ? Buffer.alloc(0) : zip64Extra(beyond);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt8(version45, 4);
  header.writeUInt8(madeOnUnix, 5);
  common(header, 6, { sum, size, zip64: extra.length > 0, name, extra });
  header.writeUInt32LE(fileMode * 0x1_0000, 38);
  header.writeUInt32LE(Math.min(offset, max32), 42);
  return Buffer.concat([header, name, extra]);
}

/** From "version needed" to "extra field length": the same in both headers. */
function common(
  header: Buffer,
  at: number,
  of: { sum: number; size: number; zip64: boolean; name: Buffer; extra: Buffer },
): void {
  header.writeUInt16LE(of.zip64 ? version45 : version20, at);
  header.writeUInt16LE(dosDate, at + 8);
  header.writeUInt32LE(of.sum, at + 10);
  header.writeUInt32LE(Math.min(of.size, max32), at + 14);
  header.writeUInt32LE(Math.min(of.size, max32), at + 18);
  header.writeUInt16LE(of.name.length, at + 22);
  header.writeUInt16LE(of.extra.length, at + 24);
}

/** APPNOTE 4.5.3. */
function zip64Extra(values: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + values.length * 8);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(values.length * 8, 2);
  values.forEach((value, index) => extra.writeBigUInt64LE(BigInt(value), 4 + index * 8));
  return extra;
}

/** APPNOTE 4.3.14 to 4.3.16. */
export function endOfDirectory(entries: number, size: number, offset: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Math.min(entries, max16), 8);
  end.writeUInt16LE(Math.min(entries, max16), 10);
  end.writeUInt32LE(Math.min(size, max32), 12);
  end.writeUInt32LE(Math.min(offset, max32), 16);
  return entries < max16 && size < max32 && offset < max32
    ? end
    : Buffer.concat([zip64End(entries, size, offset), end]);
}

function zip64End(entries: number, size: number, offset: number): Buffer {
  const end = Buffer.alloc(56 + 20);
  end.writeUInt32LE(0x06064b50, 0);
  end.writeBigUInt64LE(44n, 4);
  end.writeUInt8(version45, 12);
  end.writeUInt8(madeOnUnix, 13);
  end.writeUInt16LE(version45, 14);
  end.writeBigUInt64LE(BigInt(entries), 24);
  end.writeBigUInt64LE(BigInt(entries), 32);
  end.writeBigUInt64LE(BigInt(size), 40);
  end.writeBigUInt64LE(BigInt(offset), 48);
  end.writeUInt32LE(0x07064b50, 56);
  end.writeBigUInt64LE(BigInt(offset + size), 64);
  end.writeUInt32LE(1, 72);
  return end;
}
