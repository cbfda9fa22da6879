import { setTimeout } from 'node:timers/promises';
import { messageOf } from '#kernel';
import type { ConnectPolicy } from '../connect-policy.ts';
import type { Accounting, Found, WatchableSource } from '../source.ts';
import { SourceFault } from '../source-fault.ts';
import { ImapConnection, type Examined, type ImapLogin, type ImapTimes } from './imap-connection.ts';
import { ImapConnections, type ReconnectLimits } from './imap-connections.ts';
import { ImapMailboxPass } from './imap-mailbox-pass.ts';
import { CommandRefused, ConnectionLost } from './imap-trouble.ts';

export interface ImapSourceOptions extends ImapLogin {
  readonly id: string;
  readonly custodian: string;
  readonly host: string;
  readonly port: number;
  /** Undefined: all that can be selected. */
  readonly mailboxes?: readonly string[] | undefined;
  /** Where messages too large for memory are put. */
  readonly temporaryFolder: string;
  readonly times?: Partial<ImapTimes>;
  readonly reconnect?: Partial<ReconnectLimits>;
  /** How long `changes` waits at most. */
  readonly pollMs?: number;
}

const defaultTimes: ImapTimes = { connectMs: 30_000, silenceMs: 5 * 60_000, stallMs: 15 * 60_000 };
const defaultReconnect: ReconnectLimits = { lossesMax: 5, waitFirstMs: 1000, waitMaxMs: 60_000 };
const defaultPollMs = 5 * 60_000;

/**
 * An IMAP account (RFC 3501), read through one connection that never changes anything there. Fetches what the server lists
 * and the ledger does not account for; reconciles what it asked for with what it received.
 */
export class ImapSource implements WatchableSource {
  readonly id: string;
  readonly #options: ImapSourceOptions;
  readonly #policy: ConnectPolicy;
  readonly #seen = new Map<string, Examined>();

  constructor(options: ImapSourceOptions, policy: ConnectPolicy) {
    this.id = options.id;
    this.#options = options;
    this.#policy = policy;
  }

  /**
   * @throws SourceFault `connect-not-allowed`, `host-not-found`, `unreachable`, `tls-failed`, `login-refused`, `throttled`,
   *   `protocol`, `temporary-storage`
   */
  async *sightings(account: Accounting, signal: AbortSignal): AsyncGenerator<Found> {
    const { custodian, temporaryFolder } = this.#options;
    const connections = this.#connections(signal);
    try {
      for (const mailbox of await this.#mailboxes(connections)) {
        const pass = new ImapMailboxPass(connections, { mailbox, custodian, temporaryFolder, account });
        yield* pass.run();
        if (pass.listedAfter !== undefined) this.#seen.set(mailbox, pass.listedAfter);
      }
    } finally {
      connections.close();
    }
  }

  async *changes(signal: AbortSignal): AsyncGenerator<void> {
    while (!signal.aborted) {
      await this.#untilChange(signal);
      if (signal.aborted) return;
      yield;
    }
  }

  /** IDLE hears of one mailbox only, and goes deaf on some servers: the polling interval ends it in any case. */
  async #untilChange(signal: AbortSignal): Promise<void> {
    const pollMs = this.#options.pollMs ?? defaultPollMs;
    try {
      if (await this.#heard(pollMs, signal)) return;
    } catch (thrown) {
      if (signal.aborted) return;
      // Told by the next pass, which meets the same trouble.
      if (!(thrown instanceof SourceFault || thrown instanceof CommandRefused || thrown instanceof ConnectionLost))
        throw thrown;
    }
    await setTimeout(pollMs, undefined, { signal }).catch(() => undefined);
  }

  /** False when the server cannot be listened to. */
  async #heard(pollMs: number, signal: AbortSignal): Promise<boolean> {
    const mailbox = this.#options.mailboxes?.[0] ?? 'INBOX';
    const connection = await this.#open(0, signal);
    try {
      if (!connection.canIdle) return false;
      const examined = await connection.examine(mailbox);
      if (this.#isNew(mailbox, examined)) return true;
      await connection.waitForMail(pollMs);
      return true;
    } finally {
      connection.close();
    }
  }

  /** What came between the last pass and now would not be announced by IDLE. */
  #isNew(mailbox: string, examined: Examined): boolean {
    const seen = this.#seen.get(mailbox);
    const { uidValidity, uidNext, exists } = examined;
    const isNew = seen?.uidValidity !== uidValidity || seen.uidNext !== uidNext || seen.exists < exists;
    this.#seen.set(mailbox, examined);
    return isNew;
  }

  async #mailboxes(connections: ImapConnections): Promise<readonly string[]> {
    if (this.#options.mailboxes !== undefined) return this.#options.mailboxes;
    for (;;) {
      try {
        return await (await connections.current()).mailboxes();
      } catch (thrown) {
        if (thrown instanceof CommandRefused) throw this.#cannotList(thrown);
        await connections.recover(thrown);
      }
    }
  }

  #cannotList(cause: CommandRefused): SourceFault {
    return new SourceFault('protocol', `${this.#where} does not list its mailboxes: ${messageOf(cause)}`, {
      remedy: 'Name the mailboxes of this source.',
      cause,
    });
  }

  #connections(signal: AbortSignal): ImapConnections {
    const limits = { ...defaultReconnect, ...this.#options.reconnect };
    return new ImapConnections(this.#where, limits, signal, async (attempt) => await this.#open(attempt, signal));
  }

  /** Resolved and checked anew for each connection: the policy's answer holds for that one. */
  async #open(attempt: number, signal: AbortSignal): Promise<ImapConnection> {
    const host = await this.#policy.check(this.#options.host, this.#options.port);
    return await ImapConnection.open(host, this.#options, { ...defaultTimes, ...this.#options.times }, attempt, signal);
  }

  get #where(): string {
    return `${this.#options.host}:${this.#options.port}`;
  }
}
