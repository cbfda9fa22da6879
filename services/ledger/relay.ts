import { type Sequence, stopwatch } from '#kernel';
import { type AppendOutcome, isStale, type Judged } from './append-outcome.ts';
import { backOff, type RetryPolicy } from './batch-writer.ts';
import { sequencesIn } from './call-search.ts';
import type { Chain } from './chain.ts';
import { type Committer, contentOf } from './committer.ts';
import { type CheckedDraft, recognisable } from './entry-codec.ts';
import type { HandOver } from './hand-over.ts';
import { LedgerFault } from './ledger-fault.ts';

/** Calls whose outcome nobody learnt are kept for when they are repeated; beyond these the oldest is forgotten. */
const unsettledMax = 1000;

export interface RelayOptions {
  readonly chain: Chain;
  readonly handOver: HandOver;
  /** Commits where nobody else does; undefined in a process without the signing key. */
  readonly committer: Committer | undefined;
  readonly newId: () => string;
  readonly retry: RetryPolicy;
  readonly patienceMs: number;
}

interface RelayedCall {
  readonly id: string;
  readonly drafts: readonly CheckedDraft[];
  /** The call does not lie before this. */
  since: number;
}

/**
 * Appends through the process that commits for all, or by itself where there is none. Each call is recognisable, and
 * whoever commits it first looks whether it is in; so it may be handed over, and committed, any number of times.
 */
export class Relay {
  readonly #options: RelayOptions;
  readonly #chain: Chain;
  /** By content: the caller repeats its drafts, not their salts. */
  readonly #unsettled = new Map<string, RelayedCall[]>();
  readonly #open = new Set<Promise<unknown>>();

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#chain = options.chain;
  }

  append(drafts: readonly CheckedDraft[], judged: Judged): Promise<AppendOutcome> {
    const appended = this.#append(drafts, judged);
    const settled = appended.catch(() => undefined).finally(() => this.#open.delete(settled));
    this.#open.add(settled);
    return appended;
  }

  /** When all calls made so far have their answer. */
  async drained(): Promise<void> {
    await Promise.all(this.#open);
  }

  async #append(drafts: readonly CheckedDraft[], judged: Judged): Promise<AppendOutcome> {
    const content = contentOf(drafts);
    const call = this.#repeated(content) ?? this.#newCall(drafts);
    try {
      return await this.#deliver(call, judged);
    } catch (thrown) {
      if (isTemporary(thrown)) this.#remember(content, call);
      throw thrown;
    }
  }

  #newCall(drafts: readonly CheckedDraft[]): RelayedCall {
    const { newId } = this.#options;
    return { id: newId(), drafts: recognisable(drafts, newId), since: this.#chain.size };
  }

  async #deliver(call: RelayedCall, judged: Judged): Promise<AppendOutcome> {
    const elapsed = stopwatch();
    for (let attempt = 0; ; attempt++) {
      const handed = await this.#try(() => this.#hand(call, judged));
      if (!(handed instanceof LedgerFault)) return handed;
      const found = isUntried(handed) ? undefined : await this.#look(call);
      if (found !== undefined) return { outcome: 'appended', sequences: found };
      const own = handed.code === 'behind' ? handed : await this.#try(() => this.#commit(call, judged, handed));
      if (!(own instanceof LedgerFault)) return own;
      if (own.code !== 'behind' && elapsed() > this.#options.patienceMs) throw noCommitter(own);
      await backOff(attempt, this.#options.retry);
    }
  }

  /** A committer's word is not taken for it: the call is looked for in the ledger, up to where it is said to lie. */
  async #hand(call: RelayedCall, judged: Judged): Promise<AppendOutcome> {
    const { id, drafts, since } = call;
    const known = this.#chain.size;
    const { batches, outcome } = await this.#options.handOver.append({ id, drafts, known, since, judged });
    if (batches.length > 0) await this.#chain.exclusive(() => this.#chain.take(batches));
    if (outcome.outcome === 'appended') {
      const found = await this.#lookAt(call, outcome.sequences);
      if (found !== undefined) return { outcome: 'appended', sequences: found };
    } else {
      const found = await this.#look(call);
      if (found !== undefined) return { outcome: 'appended', sequences: found };
      const { frontier, policy } = this.#chain.head;
      const mentions = this.#chain.mentions.bind(this.#chain);
      if (isStale(judged, { policy, size: frontier.size, mentions })) return { outcome: 'stale', policy };
    }
    throw new LedgerFault('committer-unreachable', 'the committer answered something that the ledger does not say', {
      remedy: 'Check which process answers as the committer of this ledger.',
      facts: { outcome: 'unknown' },
    });
  }

  async #commit(call: RelayedCall, judged: Judged, handed: LedgerFault): Promise<AppendOutcome> {
    const { committer } = this.#options;
    if (committer === undefined) throw handed;
    return await committer.commit(call.drafts, { judged, since: call.since });
  }

  /** Catches up to where the call is said to lie, and looks there. @throws LedgerFault `damaged` */
  async #lookAt(call: RelayedCall, said: readonly Sequence[]): Promise<readonly Sequence[] | undefined> {
    const end = (said.at(-1) ?? 0) + 1;
    if (this.#chain.size < end) await this.#chain.exclusive(() => this.#chain.catchUp(end));
    const batch = this.#chain.recentWith(end - 1);
    return (batch && sequencesIn(batch, call.drafts)) ?? (await this.#look(call));
  }

  /** Catches up to the end of the ledger, and looks whether the call is in. @throws LedgerFault `damaged` */
  #look(call: RelayedCall): Promise<readonly Sequence[] | undefined> {
    return this.#chain.exclusive(async () => {
      await this.#chain.catchUp();
      for await (const batch of this.#chain.batchesFrom(call.since)) {
        const sequences = sequencesIn(batch, call.drafts);
        if (sequences !== undefined) return sequences;
        call.since = batch.end;
      }
      return undefined;
    });
  }

  /** The fault where another way is open. */
  async #try(action: () => Promise<AppendOutcome>): Promise<AppendOutcome | LedgerFault> {
    try {
      return await action();
    } catch (thrown) {
      if (thrown instanceof LedgerFault && (thrown.code === 'committer-unreachable' || thrown.code === 'behind'))
        return thrown;
      throw thrown;
    }
  }

  #repeated(content: string): RelayedCall | undefined {
    const [call, ...others] = this.#unsettled.get(content) ?? [];
    if (others.length === 0) this.#unsettled.delete(content);
    else this.#unsettled.set(content, others);
    return call;
  }

  #remember(content: string, call: RelayedCall): void {
    this.#unsettled.set(content, [...(this.#unsettled.get(content) ?? []), call]);
    for (const oldest of this.#unsettled.keys()) {
      if (this.#unsettled.size <= unsettledMax) break;
      this.#unsettled.delete(oldest);
    }
  }
}

/** Whether it is known that the call reached nobody: whoever commits it looks for it in any case. */
function isUntried({ code, facts }: LedgerFault): boolean {
  return code === 'committer-unreachable' && facts['outcome'] === 'none';
}

function isTemporary(thrown: unknown): boolean {
  return thrown instanceof LedgerFault && thrown.code === 'store-unavailable';
}

function noCommitter(cause: LedgerFault): LedgerFault {
  return new LedgerFault('store-unavailable', 'no process that commits to the ledger could be reached', {
    remedy: 'Start a process with the signing key, then repeat: what is in already is not written twice.',
    facts: { outcome: 'unknown' },
    cause,
  });
}
