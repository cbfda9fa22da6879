import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { z } from 'zod';
import { cachePath } from './cache.ts';
import type { ServerName } from './recipe.ts';

const announced = z.object({ url: z.string(), from: z.string() });
/** Where a server can be reached, and where it comes from. */
export type Announced = z.infer<typeof announced>;

function socketPath(name: ServerName): string {
  return cachePath('run', `${name}.sock`);
}

/**
 * What `services.ts up` tells other processes of this user: a socket for each server, on which it says where the server is
 * and hears that it is to stop. Unlike a file with a pid it cannot outlive the process, nor mean another one.
 */
export class Announcement implements AsyncDisposable {
  readonly #door: Server;
  readonly #callers: ReadonlySet<Socket>;

  private constructor(door: Server, callers: ReadonlySet<Socket>) {
    this.#door = door;
    this.#callers = callers;
  }

  static async make(name: ServerName, what: Announced, onStop: () => void): Promise<Announcement> {
    await mkdir(cachePath('run'), { recursive: true, mode: 0o700 });
    await rm(socketPath(name), { force: true });
    const callers = new Set<Socket>();
    const door = createServer((socket) => {
      callers.add(socket);
      socket.once('close', () => callers.delete(socket));
      socket.on('error', () => undefined);
      socket.write(`${JSON.stringify(what)}\n`);
      socket.once('data', () => onStop());
    }).listen(socketPath(name));
    await once(door, 'listening');
    return new Announcement(door, callers);
  }

  /** Lets those go that wait for the end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#door.close();
    for (const caller of this.#callers) caller.end();
  }
}

/** What is said of a server that is up, or undefined when none is. With `stop` it is told to stop, and waited for. */
export async function askAnnounced(name: ServerName, stop = false): Promise<Announced | undefined> {
  const socket = connect(socketPath(name)).setEncoding('utf8');
  try {
    const [line] = await once(socket, 'data');
    const closed = once(socket, 'close');
    if (stop) socket.write('stop\n');
    else socket.end();
    await closed;
    return announced.parse(JSON.parse(String(line)));
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}
