import type { FetchMessageObject, FetchQueryObject, ImapFlow } from 'imapflow';
import type { CheckedHost } from '../connect-policy.ts';
import { UidSet } from '../uid-set.ts';
import { ConnectionLost, troubleOf } from './imap-trouble.ts';

export interface ImapLogin {
  readonly user: string;
  readonly password: string;
  readonly tls: 'implicit' | 'starttls' | 'none';
}

export interface ImapTimes {
  /** From the first packet to the greeting. */
  readonly connectMs: number;
  /** Without a byte from the server. */
  readonly silenceMs: number;
  /** Without an answer that gets us on, however much else is sent. */
  readonly stallMs: number;
}

/** What EXAMINE said. */
export interface Examined {
  /** RFC 3501 §2.3.1.1; `0` when the server gave none or 0: then nothing can be told apart by UID. */
  readonly uidValidity: string;
  readonly exists: number;
  readonly uidNext: number | undefined;
}

/** One row of a FETCH answer. `source` is absent when the row does not speak of it, `undefined` when it was NIL. */
export interface Row {
  readonly uid: number;
  readonly size?: number | undefined;
  readonly internalDate?: number | undefined;
  readonly flags?: readonly string[] | undefined;
  readonly source?: Buffer | undefined;
}

/** An answer larger than this is refused before it is read: what is that large is asked for in parts. */
const literalBytesMax = 64 * 1024 * 1024;

/**
 * One connection to one server, with the few commands that never change anything there: EXAMINE, UID SEARCH, UID FETCH with
 * BODY.PEEK. Every call settles: with an answer, or with `ConnectionLost`, `CommandRefused` or a `SourceFault`, also
 * when the library's own promise would not (imapflow #252, #261, #262).
 */
export class ImapConnection {
  readonly #client: ImapFlow;
  readonly #where: string;
  readonly #times: ImapTimes;
  readonly #lost: Promise<never>;
  readonly #signal: AbortSignal;
  #onAbort: () => void = () => undefined;

  private constructor(client: ImapFlow, where: string, times: ImapTimes, signal: AbortSignal) {
    this.#client = client;
    this.#where = where;
    this.#times = times;
    this.#lost = new Promise((_resolve, reject) => {
      client.on('close', () => reject(new ConnectionLost(client.byeReason ?? 'the server closed the connection')));
      // Without a listener an error of the socket would end the process (imapflow #225, #47).
      client.on('error', (error) => reject(troubleOf(error, where)));
      this.#onAbort = () => reject(new ConnectionLost('stopped'));
    });
    this.#signal = signal;
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#lost.catch(() => undefined);
  }

  /** @param attempt counts from 0; with several addresses each attempt takes the next. */
  static async open(
    host: CheckedHost,
    login: ImapLogin,
    times: ImapTimes,
    attempt: number,
    signal: AbortSignal,
  ): Promise<ImapConnection> {
    const where = `${host.host}:${host.port}`;
    const address = host.addresses[attempt % host.addresses.length] ?? host.host;
    const { ImapFlow } = await import('imapflow');
    const client = new ImapFlow(optionsFor(host, address, login, times));
    const connection = new ImapConnection(client, where, times, signal);
    try {
      await connection.#settled(async () => await client.connect());
      return connection;
    } catch (thrown) {
      connection.close();
      throw thrown;
    }
  }

  /** Names of all mailboxes that can be selected, sorted. */
  async mailboxes(): Promise<readonly string[]> {
    const listed = await this.#settled(async () => await this.#client.list({ listOnly: true }));
    const selectable = listed.filter(
      (entry) => ![...entry.flags].some((flag) => /^\\(?:noselect|nonexistent)$/iu.test(flag)),
    );
    return selectable.map((entry) => entry.path).sort();
  }

  /** @throws CommandRefused when there is no such mailbox, or it cannot be opened */
  async examine(mailbox: string): Promise<Examined> {
    const opened = await this.#settled(async () => await this.#client.mailboxOpen(mailbox, { readOnly: true }));
    // Typed as always there; a server may leave any of them out.
    const { uidValidity, exists, uidNext }: { uidValidity?: bigint; exists?: number; uidNext?: number } = opened;
    return { uidValidity: String(uidValidity ?? 0n), exists: exists ?? 0, uidNext };
  }

  /** Every UID of the mailbox, ascending. `exists` is what EXAMINE said. */
  async listed(exists: number): Promise<readonly number[]> {
    if (exists === 0) return [];
    const found = await this.#settled(async () => await this.#client.search({ all: true }, { uid: true }));
    if (found && found.length >= exists) return found;
    // SEARCH was refused, or is shorter than the mailbox: some servers cut it. FETCH lists too.
    const uids = new Set(found || []);
    for await (const row of this.rows('1:*', { uid: true, flags: true })) uids.add(row.uid);
    return [...uids].sort((a, b) => a - b);
  }

  /** Which of these UIDs the server still lists. Those it will not speak of count as listed. */
  async stillListed(uids: readonly number[]): Promise<UidSet> {
    await this.#settled(async () => await this.#client.noop());
    const query = { uid: UidSet.of(uids).toString() };
    const found = await this.#settled(async () => await this.#client.search(query, { uid: true }));
    return UidSet.of(found || uids);
  }

  /** UID FETCH. Rows as they come: fewer than asked for, more, twice, in any order. */
  async *rows(uids: string, query: FetchQueryObject): AsyncGenerator<Row> {
    const answers = this.#client.fetch(uids, { ...query, uid: true }, { uid: true, binary: false });
    try {
      for (;;) {
        const next = await this.#settled(async () => await answers.next());
        if (next.done === true) return;
        const row = rowOf(next.value);
        if (row !== undefined) yield row;
      }
    } finally {
      // Never awaited: it would wait for a command that a lost connection cannot end.
      answers.return(undefined).catch(() => undefined);
    }
  }

  /** A part of one message; empty behind its end. Undefined: the server gave none. May be longer than asked for. */
  async part(uid: number, start: number, maxLength: number): Promise<Buffer | undefined> {
    const query = { uid: true, source: { start, maxLength } };
    const row = await this.#settled(async () => await this.#client.fetchOne(String(uid), query, { uid: true }));
    return row === false ? undefined : rowOf(row)?.source;
  }

  get canIdle(): boolean {
    return this.#client.capabilities.has('IDLE');
  }

  /** Waits in IDLE until the server reports new messages or `ms` are over. Needs a mailbox that was examined. */
  async waitForMail(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    // Not awaited: it ends with the connection, or never.
    this.#client.idle().catch(() => undefined);
    try {
      await Promise.race([
        this.#lost,
        new Promise<void>((resolve) => {
          this.#client.once('exists', () => resolve());
          timer = setTimeout(resolve, ms);
        }),
      ]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Without LOGOUT, which may hang (imapflow #44); nothing is left to say anyway. */
  close(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#client.close();
  }

  async #settled<T>(action: () => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const stalled = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new ConnectionLost(`no answer within ${Math.round(this.#times.stallMs / 1000)} s`));
        this.#client.close();
      }, this.#times.stallMs);
    });
    try {
      const acting = action();
      acting.catch(() => undefined);
      return await Promise.race([acting, this.#lost, stalled]);
    } catch (thrown) {
      throw troubleOf(thrown, this.#where);
    } finally {
      clearTimeout(timer);
    }
  }
}

function optionsFor(host: CheckedHost, address: string, login: ImapLogin, times: ImapTimes) {
  return {
    // The address that was checked, so that the name cannot lead elsewhere between checking and connecting.
    host: address,
    port: host.port,
    ...(host.serverName === undefined ? {} : { servername: host.serverName }),
    secure: login.tls === 'implicit',
    doSTARTTLS: login.tls === 'starttls',
    auth: { user: login.user, pass: login.password },
    clientInfo: { name: 'muniment', version: false as const, vendor: false as const, 'support-url': false as const },
    logger: false as const,
    disableAutoIdle: true,
    disableCompression: true,
    disableBinary: true,
    // UTF8=ACCEPT and IMAP4rev2 may change what a server sends as the message.
    disableAutoEnable: true,
    disableIMAP4rev2: true,
    connectionTimeout: times.connectMs,
    greetingTimeout: times.connectMs,
    socketTimeout: times.silenceMs,
    // RFC 2177: IDLE is issued anew at least every 29 minutes.
    maxIdleTime: 24 * 60 * 1000,
    maxLiteralSize: literalBytesMax,
    maxResponseSize: literalBytesMax + 1024 * 1024,
  };
}

function rowOf(message: FetchMessageObject): Row | undefined {
  if (!message.uid) return undefined;
  const date = message.internalDate instanceof Date ? message.internalDate.getTime() : undefined;
  // Typed as Buffer or absent; NIL is `false`.
  const source: unknown = message.source;
  return {
    uid: message.uid,
    size: message.size,
    internalDate: date,
    flags: message.flags && [...message.flags].sort(),
    ...('source' in message ? { source: Buffer.isBuffer(source) ? source : undefined } : {}),
  };
}
