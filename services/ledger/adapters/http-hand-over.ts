import type { KeyObject } from 'node:crypto';
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { asSequence, stopwatch, systemCodeOf } from '#kernel';
import type { HandedAnswer, HandedCall, HandOver } from '../hand-over.ts';
import { LedgerFault } from '../ledger-fault.ts';
import {
  codeHeader,
  codeOf,
  decodeReply,
  encodeCall,
  handOverKey,
  handOverPath,
  type Reply,
  replyBytesMax,
} from './hand-over-wire.ts';

/** Shorter than the committer's: a connection that it is closing just now is rarely chosen. */
const idleMs = 30_000;
const socketsMax = 64;

export interface HttpHandOverOptions {
  /**
   * Where the committer is now (`http://HOST:PORT`), asked before each call; undefined where none is known, or where this
   * process is the committer.
   */
  readonly address: () => Promise<string | undefined>;
  /** Shared by all processes, at least 16 bytes. */
  readonly secret: string;
  /** How long an answer may take, in milliseconds; 4,000 by default, so that a committer that hangs is passed in time. */
  readonly timeoutMs?: number;
  /** How long an address that did not answer is not asked again, in milliseconds; 1,000 by default. */
  readonly restMs?: number;
}

/** Hands calls over by HTTP. */
export class HttpHandOver implements HandOver {
  readonly #address: () => Promise<string | undefined>;
  readonly #key: KeyObject;
  readonly #timeoutMs: number;
  readonly #restMs: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: socketsMax, timeout: idleMs });
  /** The address that did not answer last, and how long ago. */
  #silent: { readonly address: string; readonly since: () => number } | undefined;

  /** @throws LedgerFault `weak-secret` */
  constructor({ address, restMs = 1000, secret, timeoutMs = 4000 }: HttpHandOverOptions) {
    this.#address = address;
    this.#key = handOverKey(secret);
    this.#timeoutMs = timeoutMs;
    this.#restMs = restMs;
  }

  async append(call: HandedCall): Promise<HandedAnswer> {
    const address = await this.#committer();
    const body = encodeCall(call);
    const answer = await this.#post(address, body);
    if (answer === undefined) throw unreachable(`what answers at ${address} is no committer`, 'none');
    const { batches, reply } = answer;
    if (reply.outcome === 'stale') return { batches, outcome: { outcome: 'stale', policy: reply.policy } };
    if (reply.outcome === 'failed') throw faultOf(reply);
    const { first } = reply;
    const sequences = call.drafts.map((_, i) => asSequence(first + i));
    return { batches, outcome: { outcome: 'appended', sequences } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
  }

  /** @throws LedgerFault `committer-unreachable` */
  async #committer(): Promise<string> {
    const address = await this.#address().catch((cause: unknown) => {
      throw unreachable('who commits could not be found out', 'none', cause);
    });
    if (address === undefined) throw unreachable('no committer is known', 'none');
    const silent = this.#silent;
    if (silent?.address !== address || silent.since() > this.#restMs) return address;
    throw unreachable(`the committer at ${address} did not answer a moment ago`, 'none');
  }

  /** Undefined where the answer is none of ours. @throws LedgerFault `committer-unreachable` */
  async #post(address: string, body: Buffer): Promise<ReturnType<typeof decodeReply>> {
    for (let outcome: 'none' | 'unknown' = 'none'; ; outcome = 'unknown') {
      const sent = request(new URL(handOverPath, address), {
        agent: this.#agent,
        headers: {
          'content-type': 'application/json',
          'content-length': body.length,
          [codeHeader]: codeOf(this.#key, body),
        },
        method: 'POST',
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
      try {
        return decodeReply(await replyTo(sent, body));
      } catch (cause) {
        // A connection that was closed while it lay idle says nothing of the committer.
        if (sent.reusedSocket && systemCodeOf(cause) === 'ECONNRESET') continue;
        this.#silent = { address, since: stopwatch() };
        const refused = systemCodeOf(cause) === 'ECONNREFUSED';
        throw unreachable(`the committer at ${address} did not answer`, refused ? outcome : 'unknown', cause);
      }
    }
  }
}

async function replyTo(sent: ClientRequest, body: Buffer): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  sent.on('response', resolve).on('error', reject).end(body);
  const response = await promise;
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response) {
    const bytes = Buffer.from(part);
    size += bytes.length;
    if (size > replyBytesMax) throw new Error('the answer is too long');
    parts.push(bytes);
  }
  return Buffer.concat(parts, size);
}

function unreachable(problem: string, outcome: 'none' | 'unknown', cause?: unknown): LedgerFault {
  return new LedgerFault('committer-unreachable', problem, {
    remedy: 'Check that a committer runs and can be reached; what is in already is not written twice.',
    facts: { outcome },
    cause,
  });
}

/** What is wrong with the call is final. What is wrong with the committer is not: others may be better off. */
function faultOf({ code, message, remedy }: Extract<Reply, { outcome: 'failed' }>): LedgerFault {
  if (code === 'too-large' || code === 'invalid-entry' || code === 'behind') {
    return new LedgerFault(code, message, { remedy, facts: { outcome: 'none' } });
  }
  return unreachable(`the committer could not commit: ${message}`, 'unknown');
}
