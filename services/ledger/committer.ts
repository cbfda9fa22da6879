import { hash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { asSequence, canonicalJson, type Clock, type Digest, type Sequence } from '#kernel';
import { type AppendOutcome, isStale, type Judged, mayMention } from './append-outcome.ts';
import { backOff, discardSidecar, type RetryPolicy, Unsettled, write } from './batch-writer.ts';
import { sequencesIn } from './call-search.ts';
import type { Chain } from './chain.ts';
import { CommittedBatch } from './committed-batch.ts';
import type { CheckedDraft } from './entry-codec.ts';
import { LedgerFault } from './ledger-fault.ts';
import { batchBytesMax, batchEntriesMax, linesOf, nextTime, type Proposal, propose, tooLarge } from './proposal.ts';
import type { Signer } from './signer.ts';

/** What else there is to say of a call. */
export interface CommitOptions {
  readonly judged?: Judged;
  /** The signer that takes over with this call's entry; the call then has a batch of its own. */
  readonly next?: Signer;
  /** Where the call can be recognised: from which size on it may be in already (`HandedCall.since`). */
  readonly since?: number;
  readonly signal?: AbortSignal;
}

interface Call {
  readonly drafts: readonly CheckedDraft[];
  readonly judged: Judged;
  readonly next: Signer | undefined;
  readonly signal: AbortSignal | undefined;
  /** Moves on as the call is looked for; undefined: it cannot be recognised, and only this process has it. */
  since: number | undefined;
  readonly resolve: (outcome: AppendOutcome) => void;
  readonly reject: (reason: unknown) => void;
}

/** A call and where its entries will lie. */
interface Placed {
  readonly call: Call;
  readonly lines: readonly string[];
  readonly sequences: readonly Sequence[];
}

/** The batch whose outcome is unknown: which calls were in it, by their content. */
interface UnsettledBatch {
  readonly proposal: Proposal;
  readonly placed: readonly Placed[];
}

export interface CommitterOptions {
  readonly chain: Chain;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly lingerMs: number;
  readonly retry: RetryPolicy;
}

/** Group commit: one batch at a time, made of the calls that arrived while the one before it was being written. */
export class Committer {
  readonly #options: CommitterOptions;
  readonly #chain: Chain;
  #signer: Signer;
  #queue: Call[] = [];
  #running: Promise<void> | undefined;
  #unsettled: UnsettledBatch | undefined;
  /** Calls that failed with an unknown outcome and turned out to be in, waiting to be repeated. */
  readonly #landed = new Map<string, (readonly Sequence[])[]>();

  constructor(signer: Signer, options: CommitterOptions) {
    this.#options = options;
    this.#chain = options.chain;
    this.#signer = signer;
    options.chain.onAdvanced((batch) => this.#settle(batch));
  }

  get signer(): Signer {
    return this.#signer;
  }

  commit(drafts: readonly CheckedDraft[], options: CommitOptions): Promise<AppendOutcome> {
    const { judged = {}, next, since, signal } = options;
    const { promise, resolve, reject } = Promise.withResolvers<AppendOutcome>();
    this.#queue.push({ drafts, judged, next, since, signal, resolve, reject });
    this.#running ??= this.#run();
    return promise;
  }

  /** When all calls made so far have their answer. */
  async drained(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      if (this.#options.lingerMs > 0) await setTimeout(this.#options.lingerMs);
      await this.#chain.exclusive(async () => {
        const calls = this.#take();
        try {
          await this.#commit(calls);
        } catch (thrown) {
          const later = new Set(this.#queue);
          for (const call of calls.filter((each) => !later.has(each))) call.reject(thrown);
        }
      });
    }
    this.#running = undefined;
  }

  #take(): Call[] {
    const calls: Call[] = [];
    let entries = 0;
    for (const call of this.#queue) {
      entries += call.drafts.length;
      if (calls.length > 0 && (call.next !== undefined || entries > batchEntriesMax)) break;
      calls.push(call);
      if (call.next !== undefined) break;
    }
    this.#queue = this.#queue.slice(calls.length);
    return calls;
  }

  /** Writes the calls in one batch; after a loss the same ones again, at the new end. A losing batch is never enlarged. */
  async #commit(calls: readonly Call[]): Promise<void> {
    await this.#chain.confirm();
    const known = this.#chain.size;
    if (this.#unsettled !== undefined || calls.some(({ since = 0 }) => since > known)) await this.#chain.catchUp();
    let open = calls.filter((call) => this.#isOpen(call));
    for (let attempt = 0; open.length > 0; attempt++) {
      const { placed, stale, time } = this.#place(open);
      if (placed.length > 0) {
        this.#checkKey();
        const drafts = placed.flatMap(({ call }) => call.drafts);
        const content = { drafts, lines: placed.flatMap(({ lines }) => lines), time };
        const proposal = await propose(this.#chain.head, content, this.#signer, this.#options.newId());
        if (!(await this.#won(proposal, placed))) {
          await backOff(attempt, this.#options.retry);
          await this.#chain.catchUp();
          const losers = new Set(placed.map(({ call }) => call));
          open = open.filter((call) => (losers.has(call) || stale.has(call)) && this.#isOpen(call));
          continue;
        }
      }
      this.#signer = placed.at(-1)?.call.next ?? this.#signer;
      answer(placed, stale);
      return;
    }
  }

  /**
   * Whether a call is still to be written: one that was handed over may be in already, written by its caller or by another
   * committer. Since the batch is created only at the very end of the ledger, looking up to there is enough.
   */
  #isOpen(call: Call): boolean {
    if (call.since === undefined) return true;
    if (call.signal?.aborted === true) return refused(call, nobodyWaits());
    const batches = this.#chain.recentFrom(call.since);
    if (batches === undefined) return refused(call, isBehind(call.since));
    call.since = this.#chain.size;
    for (const batch of batches) {
      const sequences = sequencesIn(batch, call.drafts);
      if (sequences === undefined) continue;
      call.resolve({ outcome: 'appended', sequences });
      return false;
    }
    return true;
  }

  /** Who is in this batch, and where; who comes back. Calls that fit in no more go back to the head of the queue. */
  #place(calls: readonly Call[]): { placed: Placed[]; stale: Map<Call, number>; time: number } {
    const head = this.#chain.head;
    const time = nextTime(head, this.#options.clock.now());
    const placed: Placed[] = [];
    const stale = new Map<Call, number>();
    let { policy } = head;
    let at = head.frontier.size;
    let bytes = 0;
    for (const [i, call] of calls.entries()) {
      if (this.#isIn(call)) continue;
      const mentions = (digest: Digest, since: number) =>
        this.#chain.mentions(digest, since) ||
        placed.some(({ lines }) => lines.some((line) => mayMention(line, digest)));
      if (isStale(call.judged, { policy, size: at, mentions })) {
        stale.set(call, policy);
        continue;
      }
      const lines = linesOrRefusal(call, time);
      if (lines === undefined) continue;
      bytes += bytesOf(call, lines);
      if (bytes > batchBytesMax && placed.length > 0) {
        this.#queue = [...calls.slice(i), ...this.#queue];
        break;
      }
      placed.push({ call, lines, sequences: lines.map((_, k) => asSequence(at + k)) });
      const last = call.drafts.findLastIndex((draft) => draft.policy);
      if (last >= 0) policy = at + last;
      at += lines.length;
    }
    return { placed, stale, time };
  }

  #checkKey(): void {
    if (this.#chain.head.key.publicKey === this.#signer.publicKey) return;
    throw wrongKey();
  }

  async #won(proposal: Proposal, placed: readonly Placed[]): Promise<boolean> {
    const { reader } = this.#chain;
    try {
      if ((await write(reader, proposal, this.#options.retry)) === 'won') {
        this.#chain.advance(CommittedBatch.of(proposal.batch, proposal.bytes), proposal.after);
        return true;
      }
    } catch (thrown) {
      if (thrown instanceof Unsettled) this.#unsettled = { proposal, placed };
      throw thrown;
    }
    await discardSidecar(reader, proposal);
    return false;
  }

  /** A position is decided by the first batch that lies there: then it is known whether the unsettled one is in. */
  #settle(batch: CommittedBatch): void {
    const unsettled = this.#unsettled;
    if (unsettled === undefined || batch.first < unsettled.proposal.first) return;
    this.#unsettled = undefined;
    if (batch.batchId !== unsettled.proposal.batchId) return;
    this.#landed.clear();
    for (const { call, sequences } of unsettled.placed) {
      if (call.since !== undefined) continue; // found by its salt
      const content = contentOf(call.drafts);
      this.#landed.set(content, [...(this.#landed.get(content) ?? []), sequences]);
    }
  }

  /** Answers a repeated call whose first try turned out to be in. */
  #isIn(call: Call): boolean {
    if (this.#landed.size === 0 || call.since !== undefined) return false;
    const content = contentOf(call.drafts);
    const [sequences, ...others] = this.#landed.get(content) ?? [];
    if (sequences === undefined) return false;
    if (others.length === 0) this.#landed.delete(content);
    else this.#landed.set(content, others);
    call.resolve({ outcome: 'appended', sequences });
    return true;
  }
}

function answer(placed: readonly Placed[], stale: ReadonlyMap<Call, number>): void {
  for (const { call, sequences } of placed) call.resolve({ outcome: 'appended', sequences });
  for (const [call, policy] of stale) call.resolve({ outcome: 'stale', policy });
}

/** A call that is too large is refused alone. */
function linesOrRefusal(call: Call, time: number): readonly string[] | undefined {
  try {
    const lines = linesOf(call.drafts, time);
    if (lines.length > batchEntriesMax) throw tooLarge(`a call has ${lines.length} entries, of ${batchEntriesMax}`);
    if (bytesOf(call, lines) > batchBytesMax) throw tooLarge(`a call has more than ${batchBytesMax} bytes`);
    return lines;
  } catch (thrown) {
    call.reject(thrown);
    return undefined;
  }
}

function bytesOf(call: Call, lines: readonly string[]): number {
  let bytes = 0;
  for (const line of lines) bytes += Buffer.byteLength(line);
  for (const { asideLine } of call.drafts) bytes += asideLine === undefined ? 0 : Buffer.byteLength(asideLine);
  return bytes;
}

/** What a caller proposed, without the salts and times that differ from try to try. */
export function contentOf(drafts: readonly CheckedDraft[]): string {
  const content = drafts.map(({ fields, aside }) => ({ fields, aside }));
  return hash('sha256', canonicalJson(content), 'hex');
}

function refused(call: Call, fault: LedgerFault): false {
  call.reject(fault);
  return false;
}

function nobodyWaits(): LedgerFault {
  return new LedgerFault('committer-unreachable', 'the caller went away before its entries had a place', {
    remedy: 'Repeat the call: what is in already is not written twice.',
    facts: { outcome: 'none' },
  });
}

function isBehind(since: number): LedgerFault {
  return new LedgerFault(
    'behind',
    `the call was made when the ledger had ${since} entries, too long ago to look for it`,
    {
      remedy: 'Catch up with the ledger, look whether the call is in, then repeat it from there.',
      facts: { since },
    },
  );
}

export function wrongKey(): LedgerFault {
  return new LedgerFault('wrong-key', 'the signing key is not the one in force in this ledger', {
    remedy: 'Use the current signing key, or continue a restored ledger as a new epoch.',
  });
}
