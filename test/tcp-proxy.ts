import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A proxy on 127.0.0.1 whose connections a test can cut. It keeps the command lines that went through it. */
export class TcpProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #commands: string[] = [];
  /** Bytes from the server after which the next connection is cut; forgotten once it has happened. */
  #cutAfterBytes: number | undefined;
  connections = 0;

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
    client.on('data', (bytes: Buffer) => {
      const lines = bytes
        .toString('latin1')
        .split('\r\n')
        .filter((line) => line !== '');
      this.#commands.push(...lines.map((line) => line.replace(/^\S+ /u, '')));
      server.write(bytes);
    });
    let received = 0;
    server.on('data', (bytes: Buffer) => {
      received += bytes.length;
      client.write(bytes);
      if (this.#cutAfterBytes === undefined || received < this.#cutAfterBytes) return;
      this.#cutAfterBytes = undefined;
      cut();
    });
  }
}
