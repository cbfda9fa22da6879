import { type Clock, type Digest, inParallel, type Sequence, type Turnstile } from '#kernel';
import { ArchiveFault, type BlobPut, type BlobRef, type BlobStore } from '#archive';
import { CatalogFault, factsOfMessage, type MessageRecord, type Recorder } from '#catalog';
import type { AppendOutcome, AsideOf, EntryDraft } from '#ledger';
import { HoldFlags, type HoldJudge } from '#matters';
import { Retention } from '#retention';
import { decodeDocument } from '#search';
import type { Indexing } from './indexing.ts';
import type { ParsingPool } from './parsing.ts';
import type { ReadMessage } from './read-message.ts';
import { keyOfMailboxEpoch, keyOfSighting } from './sighting-identity.ts';
import type { Place } from './source.ts';
import type { SpoolItem } from './spool.ts';

/** Far storage answers one request slowly, and many at once. */
const statsAtOnce = 32;

/** `captured`: new bytes. `sighted`: archived already, this sighting added. `known`: this very sighting was recorded before. */
export type CaptureOutcome = 'captured' | 'sighted' | 'known';

interface Candidate {
  readonly item: SpoolItem;
  readonly key: string;
  /** Absent where neither index nor holds need the message to be read. */
  readonly read: ReadMessage | undefined;
}

type CaptureDraft = Extract<EntryDraft, { kind: 'capture' | 'sighting' }>;

/** What a candidate is judged by beside itself. */
interface Circumstances {
  /** All places that its message is known from within the same call, its own included. */
  readonly places: readonly Place[];
  readonly policy: number;
  /** When its entry will be recorded, in ms since 1970 and at the earliest. */
  readonly recordedAt: number;
}

interface Judged {
  readonly candidate: Candidate;
  readonly put: BlobPut;
  readonly draft: CaptureDraft;
}

export interface CaptureParts {
  readonly recorder: Recorder;
  readonly archive: BlobStore;
  readonly indexing: Indexing;
  readonly pool: ParsingPool;
  readonly judge: HoldJudge;
  readonly retention: Retention;
  readonly clock: Clock;
  /** Shared with disposal: a lock must not be strengthened for a sighting while the message is being destroyed. */
  readonly turnstile: Turnstile;
}

/**
 * Steps 3 to 8 in the life of a message (services/README.md): read, judge, store, record, index. When it returns, what it
 * answers for is durable in archive and ledger. May be repeated: the same bytes are stored once, the same sighting is
 * recorded once.
 */
export class Capture {
  readonly #parts: CaptureParts;
  readonly #flags: HoldFlags;

  constructor(parts: CaptureParts) {
    this.#parts = parts;
    this.#flags = new HoldFlags(parts.recorder, parts.archive);
  }

  /** One outcome per item, in order. Fails as a whole when storage or ledger fail: nothing is acknowledged then. */
  async capture(items: readonly SpoolItem[]): Promise<CaptureOutcome[]> {
    const candidates = await this.#read(items);
    return this.#parts.turnstile.pass(() => this.#record(candidates));
  }

  /** Reads in parallel what is new; runs ahead of the recording of earlier batches. */
  async #read(items: readonly SpoolItem[]): Promise<Candidate[]> {
    const { recorder, pool } = this.#parts;
    const { catalog } = recorder;
    const salt = catalog.sightingSalt ?? '';
    const keys = items.map((item) => keyOfSighting(salt, item.source, item.place, item.digest));
    const wanted = items.filter((item, index) => !catalog.sightings.isKnown(keys[index] ?? '') && this.#mustRead(item));
    const read = await pool.read(wanted);
    const byItem = new Map(wanted.map((item, index) => [item, read[index]]));
    return items.map((item, index) => ({ item, key: keys[index] ?? '', read: byItem.get(item) }));
  }

  async #record(candidates: readonly Candidate[]): Promise<CaptureOutcome[]> {
    const { recorder } = this.#parts;
    const isKnown = ({ key }: Candidate): boolean => recorder.catalog.sightings.isKnown(key);
    const { fresh = [], known = [] } = Object.groupBy(candidates, (one) => (isKnown(one) ? 'known' : 'fresh'));
    await this.#storeLost(known);
    const unique = [...new Map(fresh.map((candidate) => [candidate.key, candidate])).values()];
    if (unique.length === 0) return candidates.map(() => 'known');
    const recorded = await this.#recordUntilCurrent(unique);
    const outcomes = new Map(unique.map((candidate, index) => [candidate, recorded[index]]));
    return candidates.map((candidate) => outcomes.get(candidate) ?? 'known');
  }

  /** What was recorded is acknowledged again only where storage has it: what a disk has lost is stored again, locked as it was. */
  async #storeLost(known: readonly Candidate[]): Promise<void> {
    const { recorder, archive } = this.#parts;
    const archived = known.flatMap((candidate) => {
      const message = recorder.catalog.messages.byDigest(candidate.item.digest);
      return message?.state === 'archived' ? [{ candidate, message }] : [];
    });
    const stats = await inParallel(archived, statsAtOnce, ({ message }) => archive.stat(message));
    const lost = archived.flatMap(({ candidate }, at) => (stats[at] === undefined ? [candidate] : []));
    if (lost.length === 0) return;
    const judged = this.#judgeAll(await this.#readUnread(lost), recorder.catalog.policy);
    if (!(await this.#store(judged))) return;
    await this.#flags.confirm(judged.flatMap(({ put }) => this.#messageOf(put) ?? []));
  }

  /** Judges and stores anew when policy changed before the entries were in: DESIGN rule 5. */
  async #recordUntilCurrent(candidates: readonly Candidate[]): Promise<CaptureOutcome[]> {
    const { recorder } = this.#parts;
    const flagged: BlobRef[] = [];
    for (;;) {
      await recorder.fold();
      const policy = recorder.catalog.policy;
      const read = await this.#readUnread(candidates);
      const judged = this.#judgeAll(read, policy);
      await this.#confirmReturned(judged);
      const isStored = await this.#store(judged);
      const appended = isStored ? await this.#append(judged, policy) : { outcome: 'stale' as const };
      if (appended.outcome === 'stale') {
        flagged.push(...judged.flatMap(({ put }) => (put.lock.legalHold ? [put] : [])));
        continue;
      }
      await recorder.fold();
      const messages = judged.map(({ draft }) => this.#messageOf(draft));
      const outcomes = messages.map((message, index): CaptureOutcome =>
        message === appended.sequences[index] ? 'captured' : 'sighted',
      );
      await this.#settleFlags(judged, outcomes, flagged);
      return outcomes;
    }
  }

  /** False where one of them was disposed of by another process since it was judged. */
  async #store(judged: readonly Judged[]): Promise<boolean> {
    const { recorder, archive } = this.#parts;
    try {
      await archive.putAll(judged.map(({ put }) => put));
      return true;
    } catch (error) {
      if (!(error instanceof ArchiveFault) || error.code !== 'disposed') throw error;
      await recorder.fold();
      const wasDisposed = ({ put }: Judged): boolean => {
        const newest = recorder.catalog.messages.byDigest(put.digest);
        return newest !== undefined && newest.generation >= put.generation && newest.state !== 'archived';
      };
      if (!judged.some(wasDisposed)) throw orderUnknown(error);
      return false;
    }
  }

  /** Hands over to the index what was read; it takes that back when nothing was recorded. */
  async #append(judged: readonly Judged[], policy: number): Promise<AppendOutcome> {
    const { recorder, indexing } = this.#parts;
    const inHand = indexing.inHand(judged.map(({ put, candidate }) => ({ ref: put, read: candidate.read })));
    let appended: AppendOutcome | undefined;
    try {
      appended = await recorder.ledger.append(
        judged.map(({ draft }) => draft),
        { policy },
      );
      return appended;
    } finally {
      if (appended?.outcome !== 'appended') inHand[Symbol.dispose]();
    }
  }

  /**
   * Bytes that were there already may have lost their flag to the release of another hold before this entry was in. And a
   * hold that was released while these were being stored has left its flag on them; no entry speaks for it.
   */
  async #settleFlags(
    judged: readonly Judged[],
    outcomes: readonly CaptureOutcome[],
    flagged: readonly BlobRef[],
  ): Promise<void> {
    const held = judged.filter(({ put }, index) => put.lock.legalHold && outcomes[index] === 'sighted');
    if (held.length > 0) await this.#flags.confirm(held.flatMap(({ put }) => this.#messageOf(put) ?? []));
    if (flagged.length > 0) await this.#flags.lift(flagged.flatMap((ref) => this.#messageOf(ref) ?? []));
  }

  /**
   * Bytes come back as a new generation only where the ledger has the order to dispose of the one before: the catalog, which
   * others can write to, is not believed when one and the same message would be recorded as two.
   * @throws CatalogFault `catalog-differs`
   */
  async #confirmReturned(judged: readonly Judged[]): Promise<void> {
    for (const { draft, put } of judged) {
      if (draft.kind !== 'capture' || put.generation === 1) continue;
      if (await this.#wasOrdered({ digest: put.digest, generation: put.generation - 1 })) continue;
      throw new CatalogFault(
        'catalog-differs',
        `The catalog says that ${put.digest} was disposed of; the ledger does not.`,
        {
          remedy: 'Run `muniment rebuild`, then repeat it; nothing of this call was recorded.',
        },
      );
    }
  }

  async #wasOrdered({ digest, generation }: BlobRef): Promise<boolean> {
    const { ledger, catalog } = this.#parts.recorder;
    const message = catalog.messages.sequenceOf(digest, generation);
    const order = message === undefined ? undefined : catalog.dispositions.ofMessage(message)?.sequence;
    if (order === undefined) return false;
    for await (const { entries } of ledger.read(order, order + 1)) {
      const entry = entries.find(({ sequence }) => sequence === order);
      return entry?.kind === 'disposing' && entry.digest === digest && entry.generation === generation;
    }
    return false;
  }

  #messageOf({ digest, generation }: BlobRef): Sequence | undefined {
    return this.#parts.recorder.catalog.messages.sequenceOf(digest, generation);
  }

  /** A hold may have been placed, or the archived copy disposed of, since it was decided that a message need not be read. */
  async #readUnread(candidates: readonly Candidate[]): Promise<Candidate[]> {
    const unread = candidates.filter((candidate) => candidate.read === undefined && this.#mustRead(candidate.item));
    const read = await this.#parts.pool.read(unread.map(({ item }) => item));
    const byCandidate = new Map(unread.map((candidate, index) => [candidate, read[index]]));
    return candidates.map((candidate) => ({ ...candidate, read: candidate.read ?? byCandidate.get(candidate) }));
  }

  /** For the index when its bytes are new, and for the holds when there are any. */
  #mustRead(item: SpoolItem): boolean {
    const { judge, recorder } = this.#parts;
    return !judge.idle || recorder.catalog.messages.byDigest(item.digest)?.state !== 'archived';
  }

  /** Each by all the places its message is known from, those before it in the same call included. */
  #judgeAll(candidates: readonly Candidate[], policy: number): Judged[] {
    const { clock, recorder } = this.#parts;
    const seen = new Map<Digest, Place[]>();
    // The entries' time, or shortly before it: a clock that was set back shortens nothing.
    const recordedAt = recorder.catalog.ledgerTime.next(clock.now());
    return candidates.map((candidate) => {
      const { digest, place } = candidate.item;
      const places = [...(seen.get(digest) ?? []), place];
      seen.set(digest, places);
      return this.#judge(candidate, { places, policy, recordedAt });
    });
  }

  #judge(candidate: Candidate, { places, policy, recordedAt }: Circumstances): Judged {
    const { recorder, retention, clock } = this.#parts;
    const { item, read } = candidate;
    const newest = recorder.catalog.messages.byDigest(item.digest);
    // Bytes that were disposed of, or are being, begin a new generation when they come back.
    const archived = newest?.state === 'archived' ? newest : undefined;
    const generation = archived?.generation ?? nextGeneration(newest);
    const storedAt = clock.now();
    const holds = read === undefined ? [] : this.#holdsOn(item, places, read, archived);
    const retainUntil = retention.untilFor(archived?.capturedAt ?? recordedAt);
    const lock = this.#lockOf(archived, retainUntil, holds);
    const put = putOf(candidate, { generation, lock, storedAt });
    const judgement = { generation, policy, holds, ...(retainUntil !== null && { retainUntil }) };
    const sighting = { ...this.#sighting(item, candidate.key), ...judgement };
    if (archived !== undefined) return { candidate, put, draft: { kind: 'sighting', ...sighting } };
    return { candidate, put, draft: { kind: 'capture', ...sighting, size: item.size, flags: flagsOf(read) } };
  }

  /** For what is archived also by what was promised before: storage may have lost the bytes, and what it knew of them. */
  #lockOf(archived: MessageRecord | undefined, retainUntil: number | null, holds: readonly string[]): BlobPut['lock'] {
    const promised = archived === undefined ? null : Retention.until(this.#parts.recorder.catalog, archived);
    return { retainUntil: promised ?? retainUntil, legalHold: holds.length > 0 };
  }

  #holdsOn(
    item: SpoolItem,
    places: readonly Place[],
    read: ReadMessage,
    existing: MessageRecord | undefined,
  ): string[] {
    const { recorder, judge } = this.#parts;
    if (judge.idle) return [];
    const judged = { digest: item.digest, sequence: existing?.sequence };
    const seen = places.map((place) => ({ ...place, source: item.source }));
    return judge.matching(decodeDocument(read.encoded), factsOfMessage(recorder.catalog, judged, seen));
  }

  #sighting({ source, place, digest, seenAt }: SpoolItem, key: string) {
    const { uidValidity, uid } = place;
    const salt = this.#parts.recorder.catalog.sightingSalt ?? '';
    const aside: AsideOf<'sighting'> = place;
    if (uidValidity === undefined || uid === undefined) return { digest, source, sighting: key, seenAt, aside };
    const mailboxEpoch = keyOfMailboxEpoch(salt, source, place.mailbox, uidValidity);
    return { digest, source, sighting: key, mailboxEpoch, uid, seenAt, aside };
  }
}

/** The generation was given by the ledger, which would have known. Nothing else is stored in its place: it may be the ledger that was cut. */
function orderUnknown(cause: ArchiveFault): ArchiveFault {
  const message = `${cause.message}, says storage, and the ledger has no order for that: run \`muniment verify\``;
  return new ArchiveFault('disposed', message, {
    remedy: 'Nothing of it was stored. `muniment verify` names it, and says how to go on.',
    facts: cause.facts,
    cause,
  });
}

function nextGeneration(newest: MessageRecord | undefined): number {
  return newest === undefined ? 1 : newest.generation + 1;
}

function flagsOf(read: ReadMessage | undefined): string[] {
  return read === undefined ? [] : [...read.flags];
}

function putOf(
  { item, key, read }: Candidate,
  judged: { readonly generation: number; readonly lock: BlobPut['lock']; readonly storedAt: number },
): BlobPut {
  const { digest, size, content } = item;
  return { digest, size, content, sighting: key, ...judged, ...(read?.zstd !== undefined && { zstd: read.zstd }) };
}
