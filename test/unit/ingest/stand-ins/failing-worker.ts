import { parentPort } from 'node:worker_threads';
import { sideBySide } from '#kernel';
import type { ParsingReply, ParsingRequest } from '../../../../services/ingest/parsing-worker.ts';
import { readBytes, type ReadMessage } from '../../../../services/ingest/read-message.ts';

/** Reads as the real one does, but hangs, throws, ends or grows at messages that say so: no message makes the real one do it. */
function read(bytes: Buffer): ReadMessage {
  while (bytes.includes('please hang'));
  if (bytes.includes('please throw')) throw new Error('as asked');
  if (bytes.includes('please end')) process.exit(1);
  if (bytes.includes('please grow')) for (const held: number[] = []; ;) held.push(held.length + 0.5);
  return readBytes(bytes);
}

parentPort?.on('message', ({ bytes, items }: ParsingRequest) => {
  let offset = 0;
  const messages = items.map((item) => {
    const length = 'length' in item ? item.length : 0;
    offset += length;
    return read(Buffer.from(bytes.subarray(offset - length, offset)));
  });
  const reply: ParsingReply = {
    encoded: sideBySide(messages.map((message) => message.encoded)),
    zstd: sideBySide(messages.flatMap((message) => message.zstd ?? [])),
    messages: messages.map((one) => ({
      flags: one.flags,
      hasUnread: one.hasUnread,
      encodedLength: one.encoded.length,
      zstdLength: one.zstd?.length,
    })),
  };
  parentPort?.postMessage(reply);
});
