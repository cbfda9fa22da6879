import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';

/**
 * What becomes of one request: passed on and answered; passed on, but the connection is cut instead of an answer; passed on
 * and answered with 503 all the same; or answered with 503 at once.
 */
export type RequestFate = 'answered' | 'cut' | 'done-but-503' | '503';

/** An HTTP server on 127.0.0.1 before another one. The Host header, which S3 signs, goes through unchanged. */
export class UnreliableHttp implements AsyncDisposable {
  readonly #target: URL;
  readonly #server: Server;
  /** Asked for each request, and waited for. */
  fate: (method: string, path: string) => RequestFate | Promise<RequestFate> = () => 'answered';

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((incoming, response) => void this.#serve(incoming, response));
  }

  static async before(target: string): Promise<UnreliableHttp> {
    const proxy = new UnreliableHttp(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return `http://127.0.0.1:${address.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(Buffer.from(part));
    const fate = await this.fate(incoming.method ?? '', incoming.url ?? '');
    const answer = fate === '503' ? undefined : await this.#passOn(incoming, Buffer.concat(parts));
    if (fate === 'cut') response.destroy();
    else if (answer === undefined || fate === 'done-but-503') response.writeHead(503).end();
    else response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  async #passOn(incoming: IncomingMessage, body: Buffer) {
    const { headers, method, url } = incoming;
    const { hostname: host, port } = this.#target;
    const sent = request({ host, port, method, path: url, headers });
    sent.end(body);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const parts: Buffer[] = [];
    for await (const part of answer) parts.push(Buffer.from(part));
    return { status: answer.statusCode ?? 500, headers: answer.headers, body: Buffer.concat(parts) };
  }
}
