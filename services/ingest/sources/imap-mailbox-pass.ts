import { limits } from '#kernel';
import { SourceFault } from '../source-fault.ts';
import type { Accounting, Found, FoundFailed, Place, SightingFailure } from '../source.ts';
import type { Received } from '../temporary-file.ts';
import { UidSet } from '../uid-set.ts';
import type { Examined, ImapConnection, Row } from './imap-connection.ts';
import type { ImapConnections } from './imap-connections.ts';
import { fetchInParts, judgeRow } from './imap-message.ts';
import { CommandRefused, type ConnectionLost } from './imap-trouble.ts';
import { uidBatches } from './uid-batches.ts';

export interface MailboxPassOptions {
  readonly mailbox: string;
  readonly custodian: string;
  readonly temporaryFolder: string;
  readonly account: Accounting;
}

/** The mailbox was made anew under our hands: its UIDs mean other messages now. */
class EpochChanged extends Error {}

const batchLimits = { messagesMax: 200, textBytesMax: 900 };
/** Bodies asked for in one command, by the sizes the server declares. */
const batchBytesMax = limits.messageInMemoryBytesMax;
/** How often a message may break the connection before it counts as failed. */
const lossesPerMessageMax = 3;
/** How often UIDVALIDITY may change during one pass. */
const epochsMax = 5;

/** One mailbox, once: everything it lists that is not accounted for. */
export class ImapMailboxPass {
  readonly #connections: ImapConnections;
  readonly #options: MailboxPassOptions;
  #selectedOn: ImapConnection | undefined;
  #examined: Examined | undefined;
  #listedAfter: Examined | undefined;
  #pending: Generator<readonly number[]> = uidBatches([], batchLimits);
  /** The rest of a batch whose connection broke. */
  #again: readonly number[] = [];
  /** Messages at which the connection broke; they come last, one by one. */
  readonly #late = new Map<number, number>();
  readonly #inParts = new Set<number>();
  readonly #answered = new Set<number>();

  constructor(connections: ImapConnections, options: MailboxPassOptions) {
    this.#connections = connections;
    this.#options = options;
  }

  /** What EXAMINE said before the messages were listed: whatever came later is new. */
  get listedAfter(): Examined | undefined {
    return this.#listedAfter;
  }

  async *run(): AsyncGenerator<Found> {
    for (let epoch = 1; epoch <= epochsMax; epoch += 1) {
      try {
        yield* this.#epoch();
        return;
      } catch (thrown) {
        if (thrown instanceof CommandRefused) {
          yield this.#failed(undefined, 'refused', `the mailbox cannot be read: ${thrown.message}`, 1);
          return;
        }
        if (!(thrown instanceof EpochChanged)) throw thrown;
        this.#startAnew();
      }
    }
    throw new SourceFault('protocol', `UIDVALIDITY of ${this.#options.mailbox} changed ${epochsMax} times in one run`, {
      remedy: 'Wait until nothing rebuilds the mailbox, then run the collection again.',
    });
  }

  #startAnew(): void {
    this.#selectedOn = undefined;
    this.#examined = undefined;
    this.#again = [];
    this.#late.clear();
    this.#inParts.clear();
  }

  async *#epoch(): AsyncGenerator<Found> {
    const listed = await this.#on(async (connection) => await connection.listed(this.#examined?.exists ?? 0));
    this.#listedAfter = this.#examined;
    const uidValidity = this.#examined?.uidValidity ?? '0';
    // Without a UIDVALIDITY a UID names nothing over time: everything is fetched again, and recognised by its bytes.
    const accounted =
      uidValidity === '0' ? new UidSet() : await this.#options.account.accounted(this.#options.mailbox, uidValidity);
    const remaining = listed.filter((uid) => !accounted.has(uid));
    yield { kind: 'known', mailbox: this.#options.mailbox, uidValidity, count: listed.length - remaining.length };
    if (remaining.length === 0) return;
    this.#pending = uidBatches(remaining, batchLimits);
    for (let batch = this.#nextBatch(); batch.length > 0; batch = this.#nextBatch()) yield* this.#attempt(batch);
    // A server may have renumbered without a word: then all of it is wrong, and done again.
    this.#selectedOn = undefined;
    await this.#on(async () => await Promise.resolve());
  }

  /** Runs on a connection on which the mailbox is selected, as often as the connection breaks. */
  async #on<T>(action: (connection: ImapConnection) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await action(await this.#selected());
      } catch (thrown) {
        await this.#connections.recover(thrown);
      }
    }
  }

  /** @throws EpochChanged */
  async #selected(): Promise<ImapConnection> {
    const connection = await this.#connections.current();
    if (connection === this.#selectedOn) return connection;
    const examined = await connection.examine(this.#options.mailbox);
    const before = this.#examined;
    if (before !== undefined && before.uidValidity !== examined.uidValidity) throw new EpochChanged();
    this.#examined = examined;
    this.#selectedOn = connection;
    return connection;
  }

  /** What is left of a broken batch, then the next, and at the end the suspects one by one. Empty: all is answered. */
  #nextBatch(): readonly number[] {
    if (this.#again.length > 0) return this.#again;
    const next = this.#pending.next();
    if (next.done !== true) return next.value;
    const [late] = this.#late.keys();
    return late === undefined ? [] : [late];
  }

  async *#attempt(batch: readonly number[]): AsyncGenerator<Found> {
    this.#answered.clear();
    const connection = await this.#on(async (selected) => await Promise.resolve(selected));
    try {
      yield* this.#batch(connection, batch);
    } catch (thrown) {
      const lost = await this.#connections.recover(thrown);
      yield* this.#blame(batch, lost);
    }
    for (const uid of batch) if (this.#answered.has(uid)) this.#late.delete(uid);
    this.#again = batch.filter((uid) => !this.#answered.has(uid) && !this.#late.has(uid));
  }

  /** Servers answer in ascending order: the first message without an answer is the one at which the connection broke. */
  *#blame(batch: readonly number[], lost: ConnectionLost): Generator<Found> {
    const open = batch.filter((uid) => !this.#answered.has(uid));
    if (lost.tooLarge) for (const uid of open) this.#inParts.add(uid);
    const [suspect] = open;
    if (suspect === undefined) return;
    const losses = (this.#late.get(suspect) ?? 0) + 1;
    this.#late.set(suspect, losses);
    if (losses < lossesPerMessageMax) return;
    this.#connections.progress();
    yield this.#failed(suspect, 'refused', `the connection breaks whenever it is asked for: ${lost.message}`, losses);
  }

  async *#batch(connection: ImapConnection, batch: readonly number[]): AsyncGenerator<Found> {
    const known = await this.#metadata(connection, batch);
    const small: number[] = [];
    for (const uid of batch) {
      const size = known.get(uid)?.size;
      if (size !== undefined && size <= limits.messageInMemoryBytesMax && !this.#inParts.has(uid)) small.push(uid);
    }
    for (const group of groupedByBytes(small, known)) yield* this.#bodies(connection, group, known);
    const open = batch.filter((uid) => !this.#answered.has(uid));
    if (open.length === 0) return;
    const large = open.filter((uid) => !small.includes(uid) && known.has(uid));
    for (const uid of large) yield* this.#single(connection, uid, known.get(uid));
    const missing = open.filter((uid) => !large.includes(uid));
    if (missing.length > 0) yield* this.#missing(connection, missing, known);
  }

  async #metadata(connection: ImapConnection, batch: readonly number[]): Promise<Map<number, Row>> {
    const known = new Map<number, Row>();
    const query = { uid: true, size: true, internalDate: true, flags: true };
    try {
      for await (const row of connection.rows(UidSet.of(batch).toString(), query)) {
        // A row without a size is a change of flags that somebody else made meanwhile.
        if (row.size !== undefined) known.set(row.uid, row);
      }
    } catch (thrown) {
      if (!(thrown instanceof CommandRefused)) throw thrown;
    }
    return known;
  }

  async *#bodies(
    connection: ImapConnection,
    group: readonly number[],
    known: ReadonlyMap<number, Row>,
  ): AsyncGenerator<Found> {
    const asked = new Set(group);
    try {
      for await (const row of connection.rows(UidSet.of(group).toString(), { uid: true, source: true })) {
        if (!asked.has(row.uid) || this.#answered.has(row.uid) || !('source' in row)) continue;
        const meta = known.get(row.uid);
        const verdict = judgeRow(row, meta?.size);
        if (typeof verdict === 'object') yield this.#message(row.uid, meta, verdict);
      }
    } catch (thrown) {
      if (!(thrown instanceof CommandRefused)) throw thrown;
    }
  }

  /** Asked for and not received: gone from the server, or asked for once more, alone. */
  async *#missing(
    connection: ImapConnection,
    missing: readonly number[],
    known: ReadonlyMap<number, Row>,
  ): AsyncGenerator<Found> {
    const listed = await connection.stillListed(missing);
    for (const uid of missing) {
      if (listed.has(uid)) yield* this.#single(connection, uid, known.get(uid));
      else {
        this.#answered.add(uid);
        yield { kind: 'gone', place: this.#place(uid, known.get(uid)) };
      }
    }
  }

  /** The last word on one message: whole, then in parts. */
  async *#single(connection: ImapConnection, uid: number, meta: Row | undefined): AsyncGenerator<Found> {
    const size = meta?.size ?? 0;
    if (size > limits.messageBytesMax) {
      yield this.#failed(uid, 'too-large', `has ${size} bytes; at most ${limits.messageBytesMax} are accepted`, 1);
      return;
    }
    const isLarge = size > limits.messageInMemoryBytesMax || this.#inParts.has(uid);
    const tried = isLarge ? { meta } : await this.#whole(connection, uid, meta);
    const received = tried.received ?? (await this.#parts(connection, uid, tried.meta));
    if (typeof received === 'object') yield this.#message(uid, tried.meta, received);
    else if (received === 'too-large') yield this.#failed(uid, received, 'is larger than is accepted', 2);
    else yield await this.#notReceived(connection, uid, tried);
  }

  async #notReceived(connection: ImapConnection, uid: number, tried: Tried): Promise<Found> {
    const listed = await connection.stillListed([uid]);
    const code = tried.code ?? 'not-returned';
    if (listed.has(uid)) return this.#failed(uid, code, tried.reason ?? reasons[code], 3);
    this.#answered.add(uid);
    return { kind: 'gone', place: this.#place(uid, tried.meta) };
  }

  async #whole(connection: ImapConnection, uid: number, meta: Row | undefined): Promise<Tried> {
    const query = { uid: true, size: true, internalDate: true, flags: true, source: true };
    let tried: Tried = { meta };
    try {
      for await (const row of connection.rows(String(uid), query)) {
        if (row.uid !== uid || !('source' in row)) continue;
        const verdict = judgeRow(row, row.size ?? meta?.size);
        tried = typeof verdict === 'object' ? { meta: row, received: verdict } : { meta: row, code: verdict };
      }
    } catch (thrown) {
      if (!(thrown instanceof CommandRefused)) throw thrown;
      tried = { meta, code: 'refused', reason: `the server refuses to send it: ${thrown.message}` };
    }
    return tried;
  }

  async #parts(
    connection: ImapConnection,
    uid: number,
    meta: Row | undefined,
  ): Promise<Received | 'too-large' | undefined> {
    try {
      return await fetchInParts(connection, uid, meta?.size, this.#options.temporaryFolder);
    } catch (thrown) {
      if (thrown instanceof CommandRefused) return undefined;
      throw thrown;
    }
  }

  #message(uid: number, meta: Row | undefined, received: Received): Found {
    this.#answered.add(uid);
    this.#connections.progress();
    const declaredSize = meta?.size;
    const differs = declaredSize !== undefined && declaredSize !== received.size;
    return {
      kind: 'message',
      place: this.#place(uid, meta),
      ...received,
      ...(differs ? { declaredSize } : {}),
    };
  }

  #failed(uid: number | undefined, code: SightingFailure, reason: string, attempts: number): FoundFailed {
    if (uid !== undefined) this.#answered.add(uid);
    return { kind: 'failed', place: this.#place(uid, undefined), code, reason, attempts };
  }

  #place(uid: number | undefined, meta: Row | undefined): Place {
    const { custodian, mailbox } = this.#options;
    return {
      custodian,
      mailbox,
      format: 'imap',
      ...(this.#examined === undefined ? {} : { uidValidity: this.#examined.uidValidity }),
      ...(uid === undefined ? {} : { uid }),
      ...(meta?.internalDate === undefined ? {} : { internalDate: meta.internalDate }),
      ...(meta?.flags === undefined ? {} : { flags: meta.flags }),
    };
  }
}

interface Tried {
  readonly meta: Row | undefined;
  readonly received?: Received;
  readonly code?: 'nil-body' | 'empty' | 'refused';
  readonly reason?: string;
}

const reasons = {
  'not-returned': 'the server lists it and does not send it',
  'nil-body': 'the server sends NIL in place of it',
  empty: 'the server sends nothing in place of it',
  refused: 'the server refuses to send it',
} as const;

function* groupedByBytes(uids: readonly number[], known: ReadonlyMap<number, Row>): Generator<readonly number[]> {
  let group: number[] = [];
  let bytes = 0;
  for (const uid of uids) {
    const size = known.get(uid)?.size ?? 0;
    if (group.length > 0 && bytes + size > batchBytesMax) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(uid);
    bytes += size;
  }
  if (group.length > 0) yield group;
}
