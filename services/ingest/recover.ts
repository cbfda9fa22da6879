import { type BlobLock, type BlobRef, type BlobStat, type BlobStore, sameLock } from '#archive';
import type { Recorder } from '#catalog';
import type { Clock } from '#kernel';
import type { EntryDraft } from '#ledger';
import { HoldJudge, unjudgedBy, widest } from '#matters';
import type { Retention } from '#retention';
import { type Ast, decodeDocument, evaluate, type SearchDocument, nothingKnown } from '#search';
import type { Rereading } from './rereading.ts';

const chunkMessages = 100;

export interface RecoveryParts {
  readonly recorder: Recorder;
  readonly archive: BlobStore;
  readonly retention: Retention;
  readonly clock: Clock;
  /** What cannot be read, or not in time, is held by every hold on words. */
  readonly rereading: Rereading;
  /** Only what was stored before this time, milliseconds since 1970: what is newer may still get its entry. */
  readonly storedBefore?: number;
}

type RecoveredDraft = Extract<EntryDraft, { kind: 'recovered' }>;

interface Orphan {
  readonly stat: BlobStat;
  readonly document: SearchDocument;
}

/**
 * Captures what is stored and named by no entry: a crash lay between storing and recording. Nobody was told that it is
 * archived, but it is evidence all the same. Its source shows it again, which then is a sighting. Call it while nothing
 * else is being captured. Returns how many.
 */
export async function recoverOrphans(parts: RecoveryParts): Promise<number> {
  await parts.recorder.fold();
  let found: Orphan[] = [];
  let count = 0;
  const { storedBefore = Number.POSITIVE_INFINITY } = parts;
  const isKnown = (ref: BlobRef) => isRecorded(ref, parts.recorder);
  for await (const stat of parts.archive.list(isKnown)) {
    // The listing runs ahead: what was known since may be among what it gives.
    if (stat.storedAt >= storedBefore || isKnown(stat)) continue;
    const [reread] = await parts.rereading.read([stat]);
    // Disposed of since it was listed.
    if (reread === undefined) continue;
    found.push({ stat, document: decodeDocument(reread.read.encoded) });
    if (found.length < chunkMessages) continue;
    count += await record(found, parts);
    found = [];
  }
  return count + (await record(found, parts));
}

function isRecorded({ digest, generation }: BlobRef, { catalog }: Recorder): boolean {
  return catalog.messages.sequenceOf(digest, generation) !== undefined;
}

/** Storage's lock first, then the entry, as in every capture; both anew when policy changed in between. */
async function record(orphans: readonly Orphan[], parts: RecoveryParts): Promise<number> {
  const { recorder, archive, clock } = parts;
  if (orphans.length === 0) return 0;
  for (;;) {
    await recorder.fold();
    const policy = recorder.catalog.policy;
    const judge = new HoldJudge(recorder.catalog);
    const recordedAt = recorder.catalog.ledgerTime.next(clock.now());
    const drafts: RecoveredDraft[] = [];
    for (const orphan of orphans) {
      const draft = draftOf(orphan, judge, { policy, recordedAt }, parts);
      await lock(orphan.stat, { legalHold: draft.holds.length > 0, retainUntil: draft.retainUntil ?? null }, archive);
      drafts.push(draft);
    }
    const { outcome } = await recorder.ledger.append(drafts, { policy });
    if (outcome === 'stale') continue;
    await recorder.fold();
    return orphans.length;
  }
}

function draftOf(
  { stat, document }: Orphan,
  judge: HoldJudge,
  { policy, recordedAt }: { readonly policy: number; readonly recordedAt: number },
  { recorder, retention }: RecoveryParts,
): RecoveredDraft {
  const { digest, generation, size } = stat;
  // From its capture, which is now: when it was stored may have been said by a clock that was wrong.
  const until = Math.max(
    retention.untilFor(recordedAt) ?? 0,
    retention.untilFor(stat.storedAt) ?? 0,
    stat.lock.retainUntil ?? 0,
  );
  const holds = recorder.catalog.holds.active().filter((hold) => matches(judge.query(hold), document));
  return {
    kind: 'recovered',
    digest,
    generation,
    size,
    policy,
    holds: holds.map(({ id }) => id),
    ...(until > 0 && { retainUntil: until }),
    flags: [...document.display.flags],
    aside: {},
  };
}

/** Where it was seen is not known, so whatever a hold asks of custodian and mailbox counts as met. */
function matches(query: Ast, document: SearchDocument): boolean {
  const placeless = anywhere(query);
  const ast = widest(placeless, unjudgedBy(document.display.flags));
  return evaluate(ast, document, nothingKnown);
}

function anywhere(ast: Ast, negated = false): Ast {
  if (ast.kind === 'fact') return negated ? { kind: 'not', child: { kind: 'all' } } : { kind: 'all' };
  if (ast.kind === 'not') return { kind: 'not', child: anywhere(ast.child, !negated) };
  if (ast.kind !== 'and' && ast.kind !== 'or') return ast;
  return { kind: ast.kind, children: ast.children.map((child) => anywhere(child, negated)) };
}

async function lock(stat: BlobStat, wanted: BlobLock, archive: BlobStore): Promise<void> {
  if (sameLock(stat.lock, wanted)) return;
  if (wanted.legalHold) await archive.setLegalHolds([stat], true);
  if (wanted.retainUntil !== null) await archive.extendRetention([stat], wanted.retainUntil);
}
