import type { ParseFlag } from '#kernel';
import type { BlobStore } from '#archive';
import { type Catalog, CatalogFault, type MessageRecord } from '#catalog';
import type { SequenceSet } from '#search';
import { fetchMessage } from './message-fetching.ts';

const unread: ParseFlag = 'parse-failed';

interface Claiming {
  /** Folded from the ledger by this process. */
  readonly truth: Catalog;
  /** The archive's own, a file that others can write to. */
  readonly followed: Catalog;
  readonly archive: BlobStore;
}

/**
 * Messages that were damaged when they were indexed anew, so that nobody knows their words. There is no entry of that, only a
 * note in the archive's catalog: each is read again. @throws CatalogFault `catalog-differs`
 */
export async function damagedSince({ truth, followed, archive }: Claiming): Promise<MessageRecord[]> {
  const damaged: MessageRecord[] = [];
  for (const noted of followed.messages.flagged()) {
    if (!noted.flags.includes(unread)) continue;
    const message = truth.messages.bySequence(noted.sequence);
    if (message === undefined) throw differs(`The catalog has a message at ${noted.sequence}; the ledger does not.`);
    if (message.state === 'disposed' || message.flags.includes(unread)) continue;
    if ('content' in (await fetchMessage(archive, message)))
      throw differs(`The catalog says that ${message.digest} could not be read; it can.`);
    damaged.push({ ...message, flags: [...message.flags, unread] });
  }
  return damaged;
}

/** The index is a file that others can write to as well. @throws CatalogFault `catalog-differs` */
export function refuseUnlessMessages({ messages }: Catalog, sequences: SequenceSet): void {
  for (const sequence of sequences) {
    if (messages.bySequence(sequence) !== undefined) continue;
    throw differs(`The search index has a message at ${sequence}; the ledger does not.`);
  }
}

function differs(what: string): CatalogFault {
  return new CatalogFault('catalog-differs', what, {
    remedy: 'Run `muniment rebuild`, then export again; nothing was exported.',
  });
}
