import { parentPort } from 'node:worker_threads';
import { readFor } from '../../../../services/reading/read-for.ts';
import type { ReadingRequest } from '../../../../services/reading/reading-worker.ts';

/** Reads as the real one does, but hangs, throws or grows at messages that say so: no message makes the real one do it. */
parentPort?.on('message', ({ bytes, wanted }: ReadingRequest) => {
  const message = Buffer.from(bytes.buffer);
  while (message.includes('please hang'));
  if (message.includes('please throw')) throw new Error('as asked');
  if (message.includes('please grow')) for (const held: number[] = []; ;) held.push(held.length + 0.5);
  parentPort?.postMessage(readFor(message, wanted));
});
