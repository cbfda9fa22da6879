import type { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { messageOf } from '#kernel';
import type { AppendOutcome } from '../append-outcome.ts';
import type { HandedCall } from '../hand-over.ts';
import { LedgerFault } from '../ledger-fault.ts';
import type { Ledger } from '../ledger.ts';
import {
  batchesBytesMax,
  codeHeader,
  decodeCall,
  encodeAnswer,
  encodeReply,
  handOverKey,
  handOverPath,
  hasCode,
  requestBytesMax,
} from './hand-over-wire.ts';

/** Longer than callers keep a connection that they do not use, so that it is they who close it. */
const keepAliveMs = 60_000;
/** A process that sends a call this slowly does not hold up others, and is let go. */
const requestMs = 30_000;
/** Answers that are kept for when their call is repeated. */
const answersMax = 10_000;

export interface CommitterServerOptions {
  readonly ledger: Ledger;
  /** Shared by all processes, at least 16 bytes. */
  readonly secret: string;
  /** An address of the machine, or of a network that only the processes reach: what is sent is not encrypted. */
  readonly host?: string;
  /** 0, the default: any free one. */
  readonly port?: number;
}

/** A call that is being committed, for as many as wait for it. */
interface Open {
  readonly outcome: Promise<AppendOutcome>;
  readonly abort: AbortController;
  waiting: number;
}

/**
 * Commits the entries of other processes, in order of arrival. Two of these at once are harmless, since it is the ledger
 * store that decides; who is asked is agreed on elsewhere.
 */
export class CommitterServer implements AsyncDisposable {
  readonly #ledger: Ledger;
  readonly #key: KeyObject;
  readonly #server: Server;
  readonly #open = new Map<string, Open>();
  readonly #answered = new Map<string, AppendOutcome>();

  private constructor({ ledger, secret }: CommitterServerOptions) {
    this.#ledger = ledger;
    this.#key = handOverKey(secret);
    this.#server = createServer({ keepAliveTimeout: keepAliveMs, requestTimeout: requestMs, noDelay: true });
    this.#server.on('request', (request, response) => void this.#serve(request, response));
  }

  /** @throws LedgerFault `weak-secret`; an error of the system where the port is taken */
  static async start(options: CommitterServerOptions): Promise<CommitterServer> {
    const server = new CommitterServer(options);
    server.#server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  /** `http://HOST:PORT`: what others are to be told. */
  get address(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') return '';
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return `http://${host}:${address.port}`;
  }

  /** Answers what has arrived, and takes no more. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = request.url === handOverPath && request.method === 'POST' ? await bodyOf(request) : undefined;
      // After `close` a connection ends with its answer, else it would be waited for.
      response.shouldKeepAlive &&= this.#server.listening;
      if (body === undefined) send(response, 404, failure('not-found', 'this is the committer of a ledger'));
      else if (hasCode(this.#key, body, request.headers[codeHeader])) await this.#answer(body, response);
      else
        send(response, 401, failure('committer-unreachable', 'the call was not made with the secret that is shared'));
    } catch {
      // The request was cut or too large. Nothing was written.
      response.destroy();
    }
  }

  async #answer(body: Buffer, response: ServerResponse): Promise<void> {
    try {
      const call = decodeCall(body);
      const outcome = await this.#commit(call, response);
      const batches = this.#ledger.recentBatches(call.known, batchesBytesMax);
      send(response, 200, encodeAnswer({ outcome, batches }));
    } catch (thrown) {
      const { code, remedy } = thrown instanceof LedgerFault ? thrown : { code: 'unexpected', remedy: 'See its log.' };
      send(response, 500, encodeReply({ outcome: 'failed', code, message: messageOf(thrown), remedy }));
    }
  }

  /** A call that is repeated while it is being committed joins itself: two of it in one batch would not find each other. */
  async #commit(call: HandedCall, response: ServerResponse): Promise<AppendOutcome> {
    const answered = this.#answered.get(call.id);
    if (answered !== undefined) return answered;
    const open = this.#open.get(call.id) ?? this.#begin(call);
    open.waiting += 1;
    const gone = (): void => {
      open.waiting -= 1;
      if (open.waiting === 0) open.abort.abort();
    };
    response.once('close', gone);
    return await open.outcome;
  }

  #begin(call: HandedCall): Open {
    const abort = new AbortController();
    const outcome = this.#ledger.commitHanded({ ...call, signal: abort.signal }).then((answer) => {
      if (answer.outcome === 'appended') this.#keep(call.id, answer);
      return answer;
    });
    const open: Open = { outcome, abort, waiting: 0 };
    this.#open.set(call.id, open);
    const end = (): void => void this.#open.delete(call.id);
    outcome.then(end, end);
    return open;
  }

  #keep(id: string, answer: AppendOutcome): void {
    this.#answered.set(id, answer);
    for (const oldest of this.#answered.keys()) {
      if (this.#answered.size <= answersMax) break;
      this.#answered.delete(oldest);
    }
  }
}

/** @throws Error where the request is cut off, or has more bytes than any call */
async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    const bytes = Buffer.from(part);
    size += bytes.length;
    if (size > requestBytesMax) throw new Error('too large');
    parts.push(bytes);
  }
  return Buffer.concat(parts, size);
}

function failure(code: string, message: string): Buffer {
  const remedy = 'Check the address and the secret of the committer.';
  return encodeReply({ outcome: 'failed', code, message, remedy });
}

function send(response: ServerResponse, status: number, body: Buffer): void {
  response.writeHead(status, { 'content-type': 'application/octet-stream', 'content-length': body.length }).end(body);
}
