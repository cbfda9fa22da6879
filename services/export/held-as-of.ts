import type { Catalog, HoldRecord } from '#catalog';
import type { Entry, Ledger } from '#ledger';
import { SequenceSet } from '#search';

/**
 * Messages that entries up to `asOf` say are held, besides `known`: a match sticks until release, even where the query would
 * not find the message again. The catalog knows matches, not since when; the ledger is asked only where that matters.
 */
export async function heldAsOf(
  { ledger, catalog }: { readonly ledger: Ledger; readonly catalog: Catalog },
  hold: HoldRecord,
  asOf: number,
  known: SequenceSet,
): Promise<SequenceSet> {
  const doubtful = SequenceSet.of(catalog.holds.messagesOf(hold.id))
    .below(asOf + 1)
    .minus(known);
  const held = SequenceSet.of();
  if (doubtful.size === 0) return held;
  for await (const { entries } of ledger.read(hold.sequence, asOf + 1)) {
    for (const entry of entries) {
      if (entry.sequence > asOf) continue;
      for (const message of heldBy(entry, hold.id, catalog, doubtful)) held.add(message);
    }
  }
  return held;
}

function heldBy(entry: Entry, hold: string, catalog: Catalog, doubtful: SequenceSet): number[] {
  if (entry.kind === 'hold-applied' && entry.hold === hold) {
    const within = (message: number) => entry.captures.some(([from, to]) => from <= message && message < to);
    return [...doubtful].filter(within);
  }
  if (entry.kind !== 'capture' && entry.kind !== 'sighting' && entry.kind !== 'recovered') return [];
  const message = catalog.messages.sequenceOf(entry.digest, entry.generation);
  return message !== undefined && entry.holds.includes(hold) && doubtful.has(message) ? [message] : [];
}
