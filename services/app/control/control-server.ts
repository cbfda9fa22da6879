import { once } from 'node:events';
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { messageOf } from '#kernel';
import type { Io, Progress } from '../cli/io.ts';
import { firstLine } from './first-line.ts';
import { type ControlReply, controlRequest, type ControlRequest, requestBytesMax } from './protocol.ts';

/** Who has not said what it wants by then does not want anything. */
const requestMs = 10_000;

/** Runs one command for somebody at the other end. */
export type Handler = (request: ControlRequest, io: Io) => Promise<number>;

/** Whoever has the archive open serves the others through a socket in its folder, for the archive's owner only. */
export class ControlServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #path: string;
  readonly #running = new Set<Promise<void>>();
  readonly #waiting = new Set<Socket>();
  readonly #closing = new AbortController();

  private constructor(server: Server, path: string) {
    this.#server = server;
    this.#path = path;
  }

  static async open(path: string, handler: Handler): Promise<ControlServer> {
    // A socket left by a process that was killed: whoever calls this holds the archive's lock, so nobody listens there.
    rmSync(path, { force: true });
    const server = createServer();
    const control = new ControlServer(server, path);
    server.on('connection', (socket) => control.#serve(socket, handler));
    const before = process.umask(0o177);
    try {
      server.listen(path);
      await once(server, 'listening');
    } finally {
      process.umask(before);
    }
    chmodSync(path, 0o600);
    return control;
  }

  /** Commands running for others now. */
  get busy(): number {
    return this.#running.size;
  }

  /** Waits for the commands that run for others; takes no new ones. */
  async drain(): Promise<void> {
    this.#server.close();
    for (const socket of this.#waiting) socket.destroy();
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Tells what runs for others to end. */
  abort(): void {
    this.#closing.abort(new Error('the process that has the archive open is stopping'));
  }

  /** Aborts what runs, and waits for it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.abort();
    await this.drain();
    rmSync(this.#path, { force: true });
  }

  #serve(socket: Socket, handler: Handler): void {
    const run: Promise<void> = this.#answer(socket, handler)
      .catch(() => {
        socket.destroy();
      })
      .finally(() => {
        this.#running.delete(run);
      });
    this.#running.add(run);
  }

  async #answer(socket: Socket, handler: Handler): Promise<void> {
    const hungUp = new AbortController();
    // An error is followed by `close`.
    socket.on('error', () => {});
    socket.on('close', () => hungUp.abort(new Error('the other end hung up')));
    const request = await this.#request(socket);
    const io = new SocketIo(socket, request.json, AbortSignal.any([hungUp.signal, this.#closing.signal]));
    io.send({ kind: 'taken' });
    let code = 2;
    try {
      code = await handler(request, io);
    } catch (thrown) {
      io.note(messageOf(thrown));
    }
    io.send({ kind: 'exit', code });
    socket.end();
  }

  /** @throws when no request comes, or none that can be understood */
  async #request(socket: Socket): Promise<ControlRequest> {
    this.#waiting.add(socket);
    socket.setTimeout(requestMs, () => socket.destroy());
    const line = await firstLine(socket, requestBytesMax);
    this.#waiting.delete(socket);
    socket.setTimeout(0);
    if (line === undefined) throw new Error('no request came');
    return controlRequest.parse(JSON.parse(line));
  }
}

/** Io whose streams are the other end's. */
class SocketIo implements Io {
  readonly json: boolean;
  readonly signal: AbortSignal;
  readonly #socket: Socket;

  constructor(socket: Socket, json: boolean, signal: AbortSignal) {
    this.#socket = socket;
    this.json = json;
    this.signal = signal;
  }

  result(value: object, text: string): void {
    this.send({ kind: 'result', value: { ...value }, text });
  }

  async taken(): Promise<void> {
    if (this.#socket.writableNeedDrain) await once(this.#socket, 'drain', { signal: this.signal });
    this.signal.throwIfAborted();
  }

  async bytes(chunk: Uint8Array): Promise<void> {
    this.send({ kind: 'bytes', base64: Buffer.from(chunk).toString('base64') });
    await this.taken();
  }

  note(text: string): void {
    this.send({ kind: 'note', text });
  }

  progress(progress: Progress): void {
    this.send({ kind: 'progress', ...progress });
  }

  send(reply: ControlReply): void {
    if (this.#socket.writable) this.#socket.write(`${JSON.stringify(reply)}\n`);
  }
}
