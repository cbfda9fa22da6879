import { parentPort } from 'node:worker_threads';
import { readFor, type Wanted } from './read-for.ts';

export interface ReadingRequest {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly wanted: Wanted;
}

parentPort?.on('message', ({ bytes, wanted }: ReadingRequest) => {
  parentPort?.postMessage(readFor(Buffer.from(bytes.buffer), wanted));
});
