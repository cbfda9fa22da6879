import { setTimeout } from 'node:timers/promises';
import type { BatchReader } from './batch-reader.ts';
import { LedgerFault } from './ledger-fault.ts';
import type { Proposal } from './proposal.ts';

/** How often the same bytes are offered again after an unknown outcome, and how long the first pause is at most. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly pauseMs: number;
}

export const defaultRetry: RetryPolicy = { attempts: 5, pauseMs: 20 };

/** A pause that grows, and differs between writers that lost to the same one. */
export async function backOff(attempt: number, { pauseMs }: RetryPolicy): Promise<void> {
  await setTimeout(Math.random() * pauseMs * 2 ** Math.min(attempt, 6));
}

export type WriteOutcome = 'won' | 'lost';

/** An unknown outcome: the batch may be in. */
export class Unsettled extends LedgerFault {}

/**
 * Offers a proposal: sidecar first, then the batch, the same key and the same bytes until it is won or another batch is
 * there. Whoever finds its own batch id at the key has won, whatever replies got lost.
 * @throws Unsettled when the store fails for good; LedgerFault `store-unavailable` when nothing can have been written
 */
export async function write(reader: BatchReader, proposal: Proposal, retry: RetryPolicy): Promise<WriteOutcome> {
  const { sidecar } = proposal;
  if (sidecar !== undefined) await again(retry, () => reader.store.putSidecar(sidecar.name, sidecar.bytes));
  try {
    return await again(retry, async () => {
      if ((await reader.store.create(proposal.first, proposal.bytes)) === 'created') return 'won';
      const there = await reader.file(proposal.first);
      return there?.header.batch === proposal.batchId ? 'won' : 'lost';
    });
  } catch (cause) {
    if (!isTemporary(cause)) throw cause;
    throw new Unsettled('store-unavailable', `the ledger batch at ${proposal.first} could not be written`, {
      remedy: 'Mend the ledger store, then repeat: what is in already is not written twice.',
      facts: { first: proposal.first, outcome: 'unknown' },
      cause,
    });
  }
}

async function again<Result>(retry: RetryPolicy, action: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (thrown) {
      if (!isTemporary(thrown) || attempt >= retry.attempts) throw thrown;
    }
    await backOff(attempt, retry);
  }
}

function isTemporary(thrown: unknown): boolean {
  return thrown instanceof LedgerFault && thrown.code === 'store-unavailable';
}

/** A lost proposal's sidecar names people and is of no use. What fails here is found by `eraseOrphanedSidecars`. */
export async function discardSidecar(reader: BatchReader, proposal: Proposal): Promise<void> {
  if (proposal.sidecar === undefined) return;
  try {
    await reader.store.eraseFromSidecar(proposal.sidecar.name, Buffer.alloc(0));
  } catch (thrown) {
    if (!(thrown instanceof LedgerFault)) throw thrown;
  }
}
