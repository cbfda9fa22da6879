import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { messageOf } from '#kernel';
import { AppFault } from '../app-fault.ts';
import type { Config } from '../config.ts';

type Application = Parameters<typeof createServer>[1];

/** How long requests under way may go on after the listener was told to stop. */
const drainMs = 5000;

/** The HTTP or HTTPS server, from listening to the end of its last request. */
export class HttpListener implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  /** @throws AppFault `configuration-invalid` when it cannot listen there */
  static async open({ listen, tls }: Config, application: NonNullable<Application>): Promise<HttpListener> {
    try {
      const server =
        tls === undefined
          ? createServer(application)
          : createTlsServer({ cert: readFileSync(tls.certificateFile), key: readFileSync(tls.keyFile) }, application);
      server.listen(listen.port, listen.host);
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
      return new HttpListener(server, `${tls === undefined ? 'http' : 'https'}://${host}:${port}`);
    } catch (cause) {
      throw new AppFault(
        'configuration-invalid',
        `Cannot listen on ${listen.host}:${listen.port}: ${messageOf(cause)}.`,
        {
          remedy:
            'Set LISTEN_HOST and LISTEN_PORT (0 for any free port), or TLS_CERT_FILE and TLS_KEY_FILE, to what can be used.',
          cause,
        },
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), drainMs);
    await closed;
    clearTimeout(timer);
  }
}
