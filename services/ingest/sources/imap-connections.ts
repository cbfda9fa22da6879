import { setTimeout } from 'node:timers/promises';
import { SourceFault } from '../source-fault.ts';
import type { ImapConnection } from './imap-connection.ts';
import { ConnectionLost } from './imap-trouble.ts';

export interface ReconnectLimits {
  /** How often the connection may break, or fail to come about, without a message in between. */
  readonly lossesMax: number;
  /** Milliseconds before the first reconnection; doubled each time, with jitter, up to `waitMaxMs`. */
  readonly waitFirstMs: number;
  readonly waitMaxMs: number;
}

/** The one connection of a pass, renewed when it breaks: a new client each time, a bounded number of times. */
export class ImapConnections {
  readonly #open: (attempt: number) => Promise<ImapConnection>;
  readonly #limits: ReconnectLimits;
  readonly #where: string;
  readonly #signal: AbortSignal;
  #connection: ImapConnection | undefined;
  #attempts = 0;
  #losses = 0;

  constructor(
    where: string,
    limits: ReconnectLimits,
    signal: AbortSignal,
    open: (attempt: number) => Promise<ImapConnection>,
  ) {
    this.#where = where;
    this.#limits = limits;
    this.#signal = signal;
    this.#open = open;
  }

  /** The connection that is open, or a new one. @throws ConnectionLost, SourceFault */
  async current(): Promise<ImapConnection> {
    this.#signal.throwIfAborted();
    if (this.#connection === undefined) {
      const attempt = this.#attempts;
      this.#attempts += 1;
      this.#connection = await this.#open(attempt);
    }
    return this.#connection;
  }

  /** A message came through: what broke before does not count any more. */
  progress(): void {
    this.#losses = 0;
  }

  /**
   * Gives up the connection that broke and waits before the next.
   * @throws what was thrown, when it is no lost connection; SourceFault `unreachable` after too many losses
   */
  async recover(thrown: unknown): Promise<ConnectionLost> {
    if (!(thrown instanceof ConnectionLost)) throw thrown;
    this.close();
    this.#signal.throwIfAborted();
    this.#losses += 1;
    if (this.#losses > this.#limits.lossesMax) {
      throw new SourceFault(
        'unreachable',
        `gave up on ${this.#where} after ${this.#losses} attempts: ${thrown.message}`,
        {
          remedy:
            'Check that the server is up and reachable from here, then run the collection again; it goes on where it stopped.',
          cause: thrown,
        },
      );
    }
    const wait = Math.min(this.#limits.waitMaxMs, this.#limits.waitFirstMs * 2 ** (this.#losses - 1));
    await setTimeout(wait * (0.5 + Math.random() / 2), undefined, { signal: this.#signal }).catch(() => undefined);
    this.#signal.throwIfAborted();
    return thrown;
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }
}
