import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#kernel';
import { type Entry, Ledger, LedgerFault, type LedgerStore } from '#ledger';
import { FilesystemLedgerStore } from '../services/ledger/adapters/filesystem-ledger-store.ts';

/** What the ledger of an archive says, read without the program. */
export interface Recorded {
  readonly entries: readonly Entry[];
  /** RFC 6962 leaf hash of each entry: they stay, whatever is erased beside them. */
  readonly leaves: readonly string[];
}

/** Reads a copy: opening a ledger clears away what a crash left, and that is for the program to do. */
export async function recordedIn(archive: string): Promise<Recorded> {
  const copy = await mkdtemp(join(tmpdir(), 'muniment-recorded-'));
  try {
    const ledger = join(archive, 'ledger');
    // Killed before it had a ledger, the program has recorded nothing.
    if (!existsSync(ledger)) return { entries: [], leaves: [] };
    await cp(ledger, copy, { recursive: true });
    return await readAll(copy);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

async function readAll(folder: string): Promise<Recorded> {
  await using store = await FilesystemLedgerStore.open(folder);
  return await recordedFrom(store);
}

/** What a store holds, wherever it is. */
export async function recordedFrom(store: LedgerStore): Promise<Recorded> {
  const entries: Entry[] = [];
  const leaves: string[] = [];
  try {
    await using ledger = await Ledger.open({ store, clock: systemClock });
    for await (const batch of ledger.read(0)) {
      entries.push(...batch.entries);
      leaves.push(...batch.leafHashes.map((leaf) => Buffer.from(leaf).toString('hex')));
    }
  } catch (thrown) {
    if (!(thrown instanceof LedgerFault) || thrown.code !== 'no-ledger') throw thrown;
  }
  return { entries, leaves };
}

/**
 * Digest and generation of everything captured, each once: copies in one batch are all written as captures, of which the
 * first counts and the others are sightings.
 */
export function capturesIn({ entries }: Recorded): string[] {
  const captures = entries.flatMap((entry) =>
    entry.kind === 'capture' || entry.kind === 'recovered' ? [`${entry.digest}/${entry.generation}`] : [],
  );
  return [...new Set(captures)].sort();
}

/** The keys of all sightings, as often as they were recorded. */
export function sightingsIn({ entries }: Recorded): string[] {
  return entries.flatMap((entry) => (entry.kind === 'capture' || entry.kind === 'sighting' ? [entry.sighting] : []));
}

/** Digests of the messages that the ledger says a hold covers: matched when they came, or swept when it was placed. */
export function coveredBy({ entries }: Recorded, hold: string): Set<string> {
  const digests = entries.map((entry) => digestCapturedBy(entry));
  const covered = new Set<string>();
  for (const entry of entries) {
    if ('holds' in entry && entry.holds.includes(hold)) covered.add(entry.digest);
    const ranges = entry.kind === 'hold-applied' && entry.hold === hold ? entry.captures : [];
    for (const digest of ranges.flatMap(([from, to]) => digests.slice(from, to))) covered.add(digest ?? '');
  }
  covered.delete('');
  return covered;
}

function digestCapturedBy(entry: Entry): string | undefined {
  return entry.kind === 'capture' || entry.kind === 'recovered' ? entry.digest : undefined;
}
