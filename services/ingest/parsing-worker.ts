import { parentPort } from 'node:worker_threads';
import { type ReadMessage, readBytes, readFile } from './read-message.ts';

/** Messages side by side in one buffer, or files. */
export interface ParsingRequest {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly items: readonly ({ readonly length: number } | { readonly file: string; readonly size: number })[];
}

export interface ParsingReply {
  readonly id: number;
  readonly messages: readonly ReadMessage[];
}

function read(request: ParsingRequest): ParsingReply {
  const bytes = Buffer.from(request.bytes.buffer, request.bytes.byteOffset, request.bytes.byteLength);
  let offset = 0;
  const messages = request.items.map((item) => {
    if ('file' in item) return readFile(item.file, item.size);
    const start = offset;
    offset += item.length;
    return readBytes(bytes.subarray(start, offset));
  });
  return { id: request.id, messages };
}

parentPort?.on('message', (request: ParsingRequest) => parentPort?.postMessage(read(request)));
