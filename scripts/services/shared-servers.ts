import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverFromEnvironment } from './environment.ts';
import type { ServerName } from './recipe.ts';
import { isServerName, recipes } from './recipes.ts';
import { RunningServer } from './running-server.ts';

/** The environment variable that tells tests where to ask for a server. */
export const sharedServersVariable = 'MUNIMENT_TEST_SERVERS';

/**
 * The servers that a run of tests shares. It belongs to the process that starts Jest; Jest's workers ask it by
 * `GET /NAME`, and it answers with the address once the server answers. Each is started when it is first asked for.
 */
export class SharedServers implements AsyncDisposable {
  readonly url: string;
  readonly #door: Server;
  readonly #started = new Map<ServerName, Promise<RunningServer>>();

  private constructor(door: Server) {
    const address = door.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    this.url = `http://127.0.0.1:${address.port}`;
    this.#door = door;
    door.on('request', (request, response) => void this.#answer(request, response));
  }

  static async listen(): Promise<SharedServers> {
    const door = createServer().listen(0, '127.0.0.1');
    // A connection that was kept may be closed just when it is used again.
    door.maxRequestsPerSocket = 1;
    await once(door, 'listening');
    return new SharedServers(door);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#door.close();
    this.#door.closeAllConnections();
    const started = await Promise.allSettled(this.#started.values());
    await Promise.all(
      started.map(async (one) => {
        if (one.status === 'fulfilled') await one.value[Symbol.asyncDispose]();
      }),
    );
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = (request.url ?? '').slice(1);
    try {
      if (!isServerName(name)) throw new Error(`There is no server called ${name}.`);
      response.end(await this.#urlOf(name));
    } catch (thrown) {
      response.writeHead(500).end(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }

  async #urlOf(name: ServerName): Promise<string> {
    const given = serverFromEnvironment(name);
    if (given !== undefined) return given.url;
    const started = this.#started.get(name) ?? startInTemporaryFolder(name);
    this.#started.set(name, started);
    return (await started).url;
  }
}

/** A server for a test, whose data go with it. */
export async function startInTemporaryFolder(name: ServerName, args: readonly string[] = []): Promise<RunningServer> {
  const folder = await mkdtemp(join(tmpdir(), `muniment-${name}-`));
  const { shortLife = [] } = recipes[name];
  return await RunningServer.start(recipes[name], { folder, throwAway: true, args: [...shortLife, ...args] });
}
