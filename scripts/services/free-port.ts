import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ports that systems give to outgoing connections and to whoever asks for any: a server that is killed finds its
 * port free when it starts again. Even, so that a server may have the next one too.
 */
const [first, last] = [20_000, 32_000];

export async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

/** A port of 127.0.0.1 that nobody has, nor the next. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(first / 2, last / 2) * 2;
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
  }
}
