import { once } from 'node:events';
import type { Response } from 'express';

/** How long a reader may take nothing before it is given up. */
const readerSilenceMs = 60_000;

/** The other end hung up: nothing of ours failed, and nobody is left to answer. */
export class ReaderGone extends Error {}

/**
 * Sends bytes as fast as they are taken. Nothing leaves, headers included, before the first chunk is there: what fails
 * until then is answered as a problem, what fails later cuts the connection.
 */
export async function sendBytes(response: Response, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  response.setTimeout(readerSilenceMs, () => response.destroy());
  for await (const chunk of chunks) {
    if (response.destroyed) throw new ReaderGone();
    if (!response.write(chunk)) await taken(response, gone.signal);
  }
  response.end();
}

/** Waits while the reader is slower than storage. */
async function taken(response: Response, gone: AbortSignal): Promise<void> {
  try {
    await once(response, 'drain', { signal: gone });
  } catch (cause) {
    throw new ReaderGone('the reader went away', { cause });
  }
}
