import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recoverOrphans } from '#ingest';
import { messageOf } from '#kernel';
import type { ArchiveFolder } from './archive-folder.ts';
import type { OpenOptions, Parts } from './deployment.ts';

/** In a shared archive a message stored so recently may be on its way into the ledger, by whoever stored it. */
const storedForMs = 600_000;

type Say = (note: string) => void;

/**
 * Follows the ledger to its end, then finishes what a crash interrupted: orphans, disposals, sweeps. On a shared archive
 * other processes are at work, and whoever is the scheduler finishes.
 */
export async function settle(deployment: Parts, options: OpenOptions): Promise<void> {
  const { recorder, folder, indexing, readOnly, notes, isShared } = deployment;
  if (isShared) return recorder.fold();
  await recorder.catchUp(options.onProgress);
  if (indexing.damaged.length > 0) notes.push(damagedNote(indexing.damaged.length));
  if (readOnly) return;
  const say: Say = (note) => notes.push(note);
  const crashed = existsSync(openMarker(folder));
  if (crashed) await recoverForgotten(deployment, say);
  else await eraseOrphans(deployment, say);
  await finishEffects(deployment, say);
  const lift = () => (crashed ? deployment.holds.liftForgotten() : Promise.resolve(0));
  await mend(lift, 'flags in storage that no hold accounts for were lifted', say);
  markInterrupted(folder);
}

function damagedNote(messages: number): string {
  return `${messages} damaged messages could not be indexed: no search finds their words (\`muniment verify --full\` names them)`;
}

/** What was begun and not ended by a process that died: found by looking at all that is stored. */
export async function recoverForgotten(deployment: Omit<Parts, 'notes'>, say: Say): Promise<void> {
  await eraseOrphans(deployment, say);
  await recoverStored(deployment, say);
  const lengthen = () => deployment.retention.finish();
  await mend(lengthen, 'messages were protected in storage as long as the schedule demands', say);
}

/** Messages that were stored and not recorded, and that nobody has shown again. All that is stored is listed for it. */
export async function recoverStored(
  { recorder, archive, retention, rereading, isShared, clock }: Omit<Parts, 'notes'>,
  say: Say,
): Promise<void> {
  const storedBefore = isShared ? clock.now() - storedForMs : Number.POSITIVE_INFINITY;
  const recover = () => recoverOrphans({ recorder, archive, retention, rereading, clock, storedBefore });
  await mend(recover, 'stored messages without an entry were recorded as recovered', say);
}

/** Of batches that were never committed. Not every credential may: then whoever may does it. */
async function eraseOrphans({ ledger }: Pick<Parts, 'ledger'>, say: Say): Promise<void> {
  await mend(() => ledger.eraseOrphanedSidecars(), 'sidecars without a batch were erased', say);
}

/** What the ledger says was ordered, and nothing says was done. */
export async function finishEffects(
  { disposition, holds }: Pick<Parts, 'disposition' | 'holds'>,
  say: Say,
): Promise<void> {
  await mend(() => disposition.finish(), 'interrupted disposals were finished', say);
  await mend(() => holds.finishSweeps(), 'interrupted hold sweeps were finished', say);
}

/** What cannot be mended now is said and tried again later; it does not keep the archive from being used. */
async function mend(work: () => Promise<number>, what: string, say: Say): Promise<void> {
  try {
    const count = await work();
    if (count > 0) say(`${count} ${what}`);
  } catch (fault) {
    say(`not yet done (${what}): ${messageOf(fault)}`);
  }
}

/** Present from opening to closing: found at the next opening, it tells of a crash. */
function openMarker(folder: ArchiveFolder): string {
  return join(folder.run, 'open');
}

/** Makes the next opening look for what is stored and not recorded, as after a crash. */
export function markInterrupted(folder: ArchiveFolder): void {
  writeFileSync(openMarker(folder), '');
}

/** Nothing was interrupted: the next opening need not look for it. */
export function markClosed(folder: ArchiveFolder): void {
  rmSync(openMarker(folder), { force: true });
}
