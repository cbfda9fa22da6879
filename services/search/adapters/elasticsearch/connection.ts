import { Client } from '@elastic/elasticsearch';
import { asSearchFault, isPassing } from './elasticsearch-fault.ts';
import { retrying } from './retrying.ts';

export interface ConnectionOptions {
  /** `http(s)://host:port` of one node or a load balancer, without user and path. */
  readonly url: string;
  readonly auth?: { readonly apiKey: string } | { readonly username: string; readonly password: string } | undefined;
  /** Certificate authority, PEM. */
  readonly ca?: string | undefined;
  /** One request; default 30,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** How often a request is sent before `index-unavailable`: 8 are about 6 seconds of waiting. */
  readonly attemptsMax?: number | undefined;
}

/** Of the time for a request; the rest is for its way. */
const SEARCH_SHARE = 0.8;

/** A client whose requests are repeated with back-off, and whose errors are faults. */
export class Connection implements AsyncDisposable {
  readonly #client: Client;
  readonly attemptsMax: number;
  /** After which the engine gives what it has found so far, and says so. */
  readonly searchTimeout: string;

  constructor({ url, auth, ca, requestTimeoutMs = 30_000, attemptsMax = 8 }: ConnectionOptions) {
    const options: ConstructorParameters<typeof Client>[0] = {
      node: url,
      requestTimeout: requestTimeoutMs,
      maxRetries: 0,
    };
    if (auth !== undefined) options.auth = auth;
    if (ca !== undefined) options.tls = { ca };
    this.#client = new Client(options);
    this.attemptsMax = attemptsMax;
    this.searchTimeout = `${Math.ceil(requestTimeoutMs * SEARCH_SHARE)}ms`;
  }

  /**
   * Sends until an answer comes; the request must be harmless to repeat.
   * @throws SearchFault `index-unavailable`, `index-damaged` (where 404 is no answer that `send` knows)
   */
  async ask<T>(send: (client: Client) => Promise<T>): Promise<T> {
    try {
      return await this.tell(send);
    } catch (thrown) {
      throw asSearchFault(thrown);
    }
  }

  /** The same, with the errors of the client as they are, for callers to whom a refusal is an answer. */
  tell<T>(send: (client: Client) => Promise<T>): Promise<T> {
    return retrying(this.attemptsMax, isPassing, () => send(this.#client));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
  }
}
