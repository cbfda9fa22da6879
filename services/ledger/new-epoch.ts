import { randomBytes } from 'node:crypto';
import { asSequence } from '#kernel';
import { BatchReader } from './batch-reader.ts';
import { defaultRetry, discardSidecar, write } from './batch-writer.ts';
import { checkDraft } from './entry-codec.ts';
import { isOrigin } from './checkpoint.ts';
import type { Head } from './head.ts';
import { LedgerFault } from './ledger-fault.ts';
import type { SigningLedgerOptions } from './ledger-options.ts';
import { linesOf, nextTime, propose } from './proposal.ts';
import { idsFrom } from './random-source.ts';

/** Who begins an epoch, and under which origin its checkpoints go out. */
export interface EpochDecision {
  readonly actor: string;
  readonly origin: string;
  readonly reason?: string;
  readonly decidedBy?: string;
}

/** Writes the first batch of the epoch after `head`, signed by the key that it names. False when another writer was faster. */
export async function beginEpoch(head: Head, decision: EpochDecision, options: SigningLedgerOptions): Promise<boolean> {
  const { signer, store } = options;
  const newId = idsFrom(options.random);
  if (!isOrigin(decision.origin)) throw badOrigin(decision.origin);
  const draft = checkDraft(epochDraft(head, decision, options), newId);
  const time = nextTime(head, options.clock.now());
  const content = { drafts: [draft], lines: linesOf([draft], time), time };
  const proposal = await propose(head, content, signer, newId());
  const reader = new BatchReader(store);
  if ((await write(reader, proposal, options.retry ?? defaultRetry)) === 'won') return true;
  await discardSidecar(reader, proposal);
  return false;
}

function epochDraft(head: Head, decision: EpochDecision, { random = randomBytes, signer }: SigningLedgerOptions) {
  const { actor, decidedBy, origin, reason } = decision;
  const number = head.epoch + 1;
  const { size } = head.frontier;
  return {
    kind: 'epoch' as const,
    actor,
    number,
    origin,
    publicKey: signer.publicKey,
    ...(number === 0 ? {} : { restored: { size: asSequence(size), root: head.root } }),
    aside: {
      ...(number === 0 ? { sightingSalt: random(32).toString('base64') } : {}),
      ...(reason === undefined ? {} : { reason }),
      ...(decidedBy === undefined ? {} : { decidedBy }),
    },
  };
}

function badOrigin(origin: string): LedgerFault {
  return new LedgerFault('invalid-entry', `${JSON.stringify(origin)} cannot be the origin of checkpoints`, {
    remedy: 'Use a schema-less URL without spaces and plus signs, such as example.com/archive.',
  });
}
