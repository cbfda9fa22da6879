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

/** Bodies have 256 kB at most; whoever needs longer than this to send one holds a connection for nothing. */
const headersMs = 15_000;
const requestMs = 60_000;
const connectionsMax = 512;

/** The HTTP or HTTPS server, from listening to the end of its last request. */
export class HttpListener implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  #closing: Promise<void> | undefined;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  /** @throws AppFault `configuration-invalid` when it cannot listen there */
  static async open({ listen, tls }: Config, application: NonNullable<Application>): Promise<HttpListener> {
    const server = tls === undefined ? createServer(application) : tlsServer(tls, application);
    server.headersTimeout = headersMs;
    server.requestTimeout = requestMs;
    server.maxConnections = connectionsMax;
    try {
      server.listen(listen.port, listen.host);
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
      return new HttpListener(server, `${tls === undefined ? 'http' : 'https'}://${host}:${port}`);
    } catch (cause) {
      throw new AppFault(
        'configuration-invalid',
        `Cannot listen on ${listen.host}:${listen.port}: ${messageOf(cause)}.`,
        { remedy: 'Set LISTEN_HOST and LISTEN_PORT (0 for any free port) to what can be used.', cause },
      );
    }
  }

  /** Takes no more requests, and waits some seconds for those under way. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    const closed = once(this.#server, 'close');
    // Idle connections are closed with it.
    this.#server.close();
    const timer = setTimeout(() => this.#server.closeAllConnections(), drainMs);
    await closed;
    clearTimeout(timer);
  }
}

function tlsServer(tls: NonNullable<Config['tls']>, application: NonNullable<Application>): Server {
  try {
    const [cert, key] = [readFileSync(tls.certificateFile), readFileSync(tls.keyFile)];
    return createTlsServer({ cert, key, minVersion: 'TLSv1.2' }, application);
  } catch (cause) {
    throw new AppFault('configuration-invalid', `TLS cannot be set up: ${messageOf(cause)}.`, {
      remedy: 'Name a PEM certificate with TLS_CERT_FILE and its private key with TLS_KEY_FILE.',
      cause,
    });
  }
}
