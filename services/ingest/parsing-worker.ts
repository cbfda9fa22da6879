import { parentPort } from 'node:worker_threads';
import { type ParseFlag, sideBySide } from '#kernel';
import { type ReadMessage, readBytes, readFile } from './read-message.ts';

/** Messages side by side in one buffer, or files. */
export interface ParsingRequest {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly items: readonly ({ readonly length: number } | { readonly file: string; readonly size: number })[];
}

/** Documents and zstd frames side by side in one buffer each: handed over whole, not copied one by one. */
export interface ParsingReply {
  readonly encoded: Uint8Array<ArrayBuffer>;
  readonly zstd: Uint8Array<ArrayBuffer>;
  readonly messages: readonly {
    readonly flags: readonly ParseFlag[];
    readonly hasUnread: boolean;
    readonly encodedLength: number;
    /** Undefined for a message in a file. */
    readonly zstdLength: number | undefined;
  }[];
}

function read(request: ParsingRequest): ParsingReply {
  const { buffer, byteOffset, byteLength } = request.bytes;
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  let offset = 0;
  const messages = request.items.map((item): ReadMessage => {
    if ('file' in item) return readFile(item.file, item.size);
    const start = offset;
    offset += item.length;
    return readBytes(bytes.subarray(start, offset));
  });
  return {
    encoded: sideBySide(messages.map((message) => message.encoded)),
    zstd: sideBySide(messages.flatMap((message) => message.zstd ?? [])),
    messages: messages.map(({ flags, hasUnread, encoded, zstd }) => ({
      flags,
      hasUnread,
      encodedLength: encoded.length,
      zstdLength: zstd?.length,
    })),
  };
}

parentPort?.on('message', (request: ParsingRequest) => {
  const reply = read(request);
  parentPort?.postMessage(reply, [reply.encoded.buffer, reply.zstd.buffer]);
});
