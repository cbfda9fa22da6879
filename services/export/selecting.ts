import type { Ast, SearchIndex } from '#search';
import { parseQuery, printQuery, SequenceSet, withRelations } from '#search';
import { type Catalog, factsAsOf, type HoldRecord, type MatterRecord } from '#catalog';
import type { BlobStore } from '#archive';
import type { Ledger } from '#ledger';
import { covered, HoldJudge, unjudgedAmong } from '#matters';
import { damagedSince, refuseUnlessMessages } from './derived-claims.ts';
import { ExportFault } from './export-fault.ts';
import { heldAsOf } from './held-as-of.ts';
import type { ExportSelection } from './order.ts';

/** What an order selects as of one sequence. */
export interface Selected {
  readonly sequences: SequenceSet;
  /**
   * Messages captured by then whose disposal was ordered later. Of what is gone nobody can tell whether a query found it,
   * so all of them are named.
   */
  readonly disposedSince: SequenceSet;
  /** Of them, those of a matter that could not be read well enough to tell whether its holds match them. */
  readonly unjudged: SequenceSet;
  /** In words of the query language. */
  readonly query: string;
  readonly matter?: MatterRecord;
}

export interface SelectingParts {
  readonly ledger: Ledger;
  /** Folded from the ledger by this process. */
  readonly truth: Catalog;
  readonly archive: BlobStore;
  readonly index: SearchIndex;
  /** The catalog that others can write to: asked only what could not be read when it was indexed anew, of which there is no entry. */
  readonly followed: Catalog;
}

/**
 * @throws SearchFault `query-invalid`; ExportFault `no-such-matter`, `no-holds`, `incomplete`; CatalogFault `catalog-differs`: what is
 *   derived names a message that the ledger has not, or calls one damaged that is sound
 */
export async function select(parts: SelectingParts, selection: ExportSelection, asOf: number): Promise<Selected> {
  const chosen = await choose(parts, selection, asOf);
  refuseUnlessMessages(parts.truth, chosen.sequences);
  const { before, since } = disposals(parts.truth, asOf);
  const sequences = chosen.sequences.minus(before).minus(since);
  return { ...chosen, sequences, unjudged: chosen.unjudged.and(sequences), disposedSince: since };
}

async function choose(
  parts: SelectingParts,
  selection: ExportSelection,
  asOf: number,
): Promise<Omit<Selected, 'disposedSince'>> {
  if ('all' in selection) return { sequences: captured(parts.truth, asOf), unjudged: SequenceSet.of(), query: '*' };
  if ('matter' in selection) return await ofMatter(parts, selection.matter, asOf);
  const query = parseQuery(selection.query);
  return { sequences: await find(parts, query, asOf), unjudged: SequenceSet.of(), query: printQuery(query) };
}

/** What the holds of a matter that are active as of `asOf` match: judged now, and recorded by then. */
async function ofMatter(parts: SelectingParts, name: string, asOf: number): Promise<Omit<Selected, 'disposedSince'>> {
  const { ledger, truth: catalog } = parts;
  const matter = catalog.matters.find(name);
  if (matter === undefined) {
    throw new ExportFault('no-such-matter', `There is no matter "${name}".`, {
      remedy: 'List them with `muniment matter list`.',
    });
  }
  const holds = catalog.holds.all().filter((hold) => hold.matter === matter.id && isActive(hold, asOf));
  if (holds.length === 0) throw noHolds(matter, asOf);
  const judge = new HoldJudge(catalog);
  const flagged = [...catalog.messages.flagged(), ...(await damagedSince(parts))];
  let [matching, sequences] = [SequenceSet.of(), SequenceSet.of()];
  for (const hold of holds) {
    const query = judge.query(hold);
    matching = matching.or(await find(parts, query, asOf));
    // What cannot be judged is held, and therefore exported.
    sequences = sequences.or(await covered((ast) => find(parts, ast, asOf), query, flagged));
  }
  for (const hold of holds) sequences = sequences.or(await heldAsOf({ ledger, catalog }, hold, asOf, sequences));
  const unjudged = sequences.minus(matching).and(unjudgedAmong(flagged));
  return { sequences, unjudged, matter, query: holds.map((hold) => `(${hold.query})`).join(' OR ') };
}

async function find({ truth, index }: SelectingParts, query: Ast, asOf: number): Promise<SequenceSet> {
  const answer = await index.select(await withRelations(index, { query, facts: factsAsOf(truth, asOf), asOf }));
  if (answer.complete && answer.asOf === asOf) return answer.sequences;
  throw new ExportFault('incomplete', `The search index does not cover everything up to sequence ${asOf}.`, {
    remedy: 'Try again when `muniment status` shows that the index has caught up, or run `muniment rebuild`.',
    facts: { asOf },
  });
}

function captured(catalog: Catalog, asOf: number): SequenceSet {
  const sequences = SequenceSet.of();
  for (const { sequence } of catalog.messages.range(0, asOf + 1)) sequences.add(sequence);
  return sequences;
}

/** Messages whose disposal was ordered by `asOf`, and messages captured by then whose disposal was ordered since. */
function disposals(catalog: Catalog, asOf: number): { before: SequenceSet; since: SequenceSet } {
  const [before, since] = [SequenceSet.of(), SequenceSet.of()];
  for (const { message, sequence } of catalog.dispositions.all()) {
    if (sequence <= asOf) before.add(message);
    else if (message <= asOf) since.add(message);
  }
  return { before, since };
}

function isActive(hold: HoldRecord, asOf: number): boolean {
  return hold.sequence <= asOf && (hold.releasedBy === null || hold.releasedBy > asOf);
}

function noHolds(matter: MatterRecord, asOf: number): ExportFault {
  return new ExportFault('no-holds', `The matter "${matter.name}" has no active hold as of sequence ${asOf}.`, {
    remedy: 'Place a hold with `muniment hold place`, or export a query.',
  });
}
