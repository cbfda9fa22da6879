import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * What happens to an HTTP request: `lose-reply`: the server gets it, and the connection is cut when it answers; `cut`: nobody
 * gets it; `stall`: nobody gets it, and nothing happens; `answer`: this is said instead of asking the server.
 */
export type Treatment = 'pass' | 'lose-reply' | 'cut' | 'stall' | { readonly answer: string };

const REQUEST = /^[A-Z]+ [^\r\n]+ HTTP\/1\.1\r\n/u;

/** A proxy on 127.0.0.1 whose connections a test can cut. It keeps the command lines that went through it. */
export class TcpProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #commands: string[] = [];
  /** Bytes from the server after which the next connection is cut; forgotten once it has happened. */
  #cutAfterBytes: number | undefined;
  /** Asked for each piece that the server sends: true cuts the connection, and the client never sees the piece. */
  loses: () => boolean = () => false;
  connections = 0;
  /** Decides about each HTTP request by its first line, before any of it is passed on. */
  treat: ((requestLine: string) => Treatment | Promise<Treatment>) | undefined;

  private constructor(targetPort: number) {
    this.#server = createServer((client) => this.#relay(client, targetPort));
  }

  static async to(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return address.port;
  }

  /** Lines that clients sent, without their tags. */
  get commands(): readonly string[] {
    return this.#commands;
  }

  cutAfter(bytesFromServer: number): void {
    this.#cutAfterBytes = bytesFromServer;
  }

  cutNow(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cutNow();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #relay(client: Socket, targetPort: number): void {
    this.connections += 1;
    const server = connect({ host: '127.0.0.1', port: targetPort });
    const cut = () => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', cut);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        cut();
      });
    }
    let treatment: Treatment = 'pass';
    const pass = async (bytes: Buffer): Promise<void> => {
      treatment = (await this.#treatmentOf(bytes)) ?? treatment;
      if (treatment === 'pass' || treatment === 'lose-reply') server.write(bytes);
      else if (treatment === 'cut') cut();
      else if (treatment !== 'stall' && !client.writableEnded) client.end(treatment.answer);
    };
    // One after the other: what is decided about a request holds for the rest of it.
    let passing = Promise.resolve();
    client.on('data', (bytes: Buffer) => {
      const lines = bytes
        .toString('latin1')
        .split('\r\n')
        .filter((line) => line !== '');
      this.#commands.push(...lines.map((line) => line.replace(/^\S+ /u, '')));
      passing = passing.then(async () => pass(bytes)).catch(cut);
    });
    let received = 0;
    server.on('data', (bytes: Buffer) => {
      if (treatment === 'lose-reply') {
        cut();
        return;
      }
      received += bytes.length;
      if (this.loses()) {
        cut();
        return;
      }
      client.write(bytes);
      if (this.#cutAfterBytes === undefined || received < this.#cutAfterBytes) return;
      this.#cutAfterBytes = undefined;
      cut();
    });
  }

  /** Undefined for bytes that belong to a request that was decided about. */
  async #treatmentOf(bytes: Buffer): Promise<Treatment | undefined> {
    const line = this.treat === undefined ? undefined : REQUEST.exec(bytes.toString('latin1', 0, 4_096))?.[0];
    return line === undefined ? undefined : this.treat?.(line.trimEnd());
  }
}
