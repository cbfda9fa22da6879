import { ArchiveFault, type BlobRef, type BlobStat, type BlobStore, nameOfBlob } from '#archive';
import type { DispositionRecord, MessageRecord } from '#catalog';
import { messageOf, systemCodeOf } from '#kernel';
import type { Finding } from './finding.ts';
import type { FoldedLedger } from './folded-ledger.ts';
import { longestRetention, retentionEnd } from './retention-end.ts';

const fromBackup =
  'Restore a backup into a new folder (`muniment restore`), verify and adopt it; what came later, import again. Keep what is here as evidence.';

/** How many suspected orphans are looked at once more at the end; more than that are not orphans of a crash. */
const orphansMax = 10_000;

/** An order is given and carried out in one go; Elasticsearch takes half a minute of it, and a crash is mended at the next start. */
const carriedOutWithinMs = 3_600_000;

/** Compares what is stored with what the ledger says, message by message. */
export class ArchiveFindings {
  readonly #archive: BlobStore;
  readonly #truth: FoldedLedger;
  readonly #now: number;
  readonly #full: boolean;
  /** Damaged messages that were named already. */
  readonly #named = new Set<string>();
  /** Messages that should be there and are not. */
  readonly #missing = new Set<string>();

  /** @param now milliseconds since 1970 */
  constructor(
    archive: BlobStore,
    truth: FoldedLedger,
    { now, full }: { readonly now: number; readonly full: boolean },
  ) {
    this.#archive = archive;
    this.#truth = truth;
    this.#now = now;
    this.#full = full;
  }

  /** Every stored byte, whoever it belongs to; or, where not everything is read, files that the store did not write. */
  async *scrub(): AsyncGenerator<Finding> {
    try {
      for await (const { place, problem, ref, remedy } of this.#full
        ? this.#archive.scrub()
        : this.#archive.listStrays()) {
        if (ref !== undefined) this.#named.add(nameOf(ref));
        yield damaged(ref === undefined ? place : `${place}, message ${nameOf(ref)}`, problem, remedy);
      }
    } catch (thrown) {
      yield failed(thrown);
    }
  }

  /** Every message of which the ledger says anything. */
  async *messages(onProgress: (done: number) => void): AsyncGenerator<Finding> {
    let done = 0;
    for (const message of this.#truth.catalog.messages.range()) {
      const finding = message.state === 'disposing' ? this.#ofOrdered(message) : await this.#ofMessage(message);
      if (finding?.code === 'message-missing') this.#missing.add(nameOfBlob(message));
      if (finding !== undefined) yield finding;
      if (++done % 500 === 0) onProgress(done);
    }
    onProgress(done);
  }

  /** Everything that is stored and that no entry names. */
  async *orphans(): AsyncGenerator<Finding> {
    let suspects: BlobRef[] = [];
    try {
      for await (const { digest, generation } of this.#archive.list()) {
        if (this.#isNamed({ digest, generation })) continue;
        if (suspects.push({ digest, generation }) < orphansMax) continue;
        yield* this.#confirmed(suspects);
        suspects = [];
      }
    } catch (thrown) {
      yield failed(thrown);
    }
    yield* this.#confirmed(suspects);
  }

  /**
   * Every order that storage has to dispose of what no entry names, or of what should be there and was missing: the ledger
   * has an order before storage does.
   */
  async *orders(): AsyncGenerator<Finding> {
    let suspects: BlobRef[] = [];
    try {
      for await (const ref of this.#archive.listDisposed((one) => this.#isNamed(one) && !this.#isMissing(one))) {
        if (suspects.push(ref) < orphansMax) continue;
        yield* this.#withoutOrder(suspects);
        suspects = [];
      }
    } catch (thrown) {
      yield failed(thrown);
    }
    yield* this.#withoutOrder(suspects);
  }

  async #ofMessage(message: MessageRecord): Promise<Finding | undefined> {
    try {
      const stat = await this.#archive.stat(message);
      if (this.#compare(message, stat) !== undefined) {
        if (await this.#hasChanged(message)) return undefined;
        // By what the ledger says now: a lock may be of a schedule, or the lack of one of a release, that has just come.
        return this.#compare(message, stat);
      }
      if (this.#full && stat !== undefined && message.state === 'archived') await this.#readWhole(message);
    } catch (thrown) {
      if (await this.#hasChanged(message)) return undefined;
      if (!(thrown instanceof ArchiveFault)) throw thrown;
      return this.#named.has(nameOf(message)) ? undefined : damaged(`message ${nameOf(message)}`, thrown.message);
    }
    return undefined;
  }

  #compare(message: MessageRecord, stat: BlobStat | undefined): Finding | undefined {
    const finding = compare(message, stat, this.#truth);
    return finding ?? (stat && message.state === 'archived' ? this.#tooLong(message, stat) : undefined);
  }

  /**
   * Only where this program alone sets locks, and did so from the beginning: a bucket may have a retention of its own, which its
   * backups and what is restored from them keep.
   */
  #tooLong(message: MessageRecord, { lock: { retainUntil } }: BlobStat): Finding | undefined {
    const { catalog, isWhole } = this.#truth;
    if (!isWhole || retainUntil === null || this.#archive.capabilities.lock !== 'application') return undefined;
    const reason = longestRetention(catalog, message);
    if (retainUntil <= Math.max(reason ?? 0, this.#now) || catalog.examinations.all().length > 0) return undefined;
    return tooLong(`message ${nameOf(message)}`, retainUntil, reason);
  }

  /** Unless it may be being carried out at this moment. */
  #ofOrdered(message: MessageRecord): Finding | undefined {
    const { catalog, later } = this.#truth;
    const ordered = catalog.dispositions.ofMessage(message.sequence);
    if (ordered === undefined || later.disposes(message) || this.#now - ordered.orderedAt < carriedOutWithinMs)
      return undefined;
    return unfinished(`message ${nameOf(message)}`, ordered);
  }

  async #readWhole(message: MessageRecord): Promise<void> {
    for await (const _part of this.#archive.stream(message));
  }

  /** Mail comes in and is disposed of while this runs: the ledger is asked again before a fault is named. */
  async #hasChanged(message: MessageRecord): Promise<boolean> {
    await this.#truth.catchUp();
    const now = this.#truth.catalog.messages.bySequence(message.sequence);
    return now?.state !== message.state;
  }

  async *#confirmed(suspects: readonly BlobRef[]): AsyncGenerator<Finding> {
    if (suspects.length > 0) await this.#truth.catchUp();
    for (const ref of suspects) {
      if (this.#isNamed(ref) || (await this.#archive.stat(ref)) === undefined) continue;
      yield {
        code: 'orphan',
        place: `message ${nameOf(ref)}`,
        problem: 'it is stored, and no entry of the ledger names it',
        remedy:
          'Start the service: at its start it records what a crash left without an entry. Where it did not, `muniment rebuild` does.',
      };
    }
  }

  async *#withoutOrder(suspects: readonly BlobRef[]): AsyncGenerator<Finding> {
    if (suspects.length > 0) await this.#truth.catchUp();
    for (const ref of suspects) {
      const sequence = this.#truth.catalog.messages.sequenceOf(ref.digest, ref.generation);
      const isOrdered = sequence !== undefined && this.#truth.catalog.dispositions.ofMessage(sequence) !== undefined;
      if (!isOrdered) yield orderUnknown(`message ${nameOf(ref)}`);
    }
  }

  #isMissing(ref: BlobRef): boolean {
    return this.#missing.has(nameOfBlob(ref));
  }

  #isNamed({ digest, generation }: BlobRef): boolean {
    return this.#truth.catalog.messages.sequenceOf(digest, generation) !== undefined;
  }
}

function compare(message: MessageRecord, stat: BlobStat | undefined, truth: FoldedLedger): Finding | undefined {
  const place = `message ${nameOf(message)}`;
  if (truth.later.disposes(message)) return undefined;
  if (message.state === 'disposed') return stat === undefined ? undefined : notDestroyed(place);
  if (stat === undefined) return missing(place, message);
  if (stat.size !== message.size) return otherSize(place, message, stat);
  return tooWeak(place, message, stat, truth);
}

function tooWeak(
  place: string,
  message: MessageRecord,
  { lock }: BlobStat,
  { catalog, later }: FoldedLedger,
): Finding | undefined {
  const holds = catalog.holds.onMessage(message.sequence).filter(({ id }) => !later.releases(id));
  const until = retentionEnd(catalog, message);
  const remedy = 'Nothing can be destroyed through the application for that; set the hold or the schedule again.';
  if (holds.length > 0 && !lock.legalHold) {
    const problem = `${holds.map(({ id }) => id).join(', ')} cover it, and storage has no legal hold on it`;
    return { code: 'lock-too-weak', place, problem, remedy };
  }
  if (until === null || (lock.retainUntil ?? 0) >= until) return undefined;
  const problem = `it must be kept until ${new Date(until).toISOString()}, and storage protects it for less long`;
  return { code: 'lock-too-weak', place, problem, remedy };
}

function tooLong(place: string, until: number, reason: number | null): Finding {
  const given = reason === null ? 'no reason to keep it' : `reason until ${timeOf(reason)} at the longest`;
  return {
    code: 'lock-too-long',
    place,
    problem: `storage protects it until ${timeOf(until)}, and the ledger gives ${given}`,
    remedy:
      'Nothing is lost, but it cannot be disposed of before, and locks are not shortened. Find out who wrote to storage; where it has to go, restore a backup that ' +
      'was made before into a new folder (`muniment restore`), verify and adopt it. A retention of the bucket that a backup was made from looks the same, and is none of that.',
  };
}

/** Times that no calendar has are given as they are. */
function timeOf(milliseconds: number): string {
  const time = new Date(milliseconds);
  return Number.isNaN(time.getTime()) ? `${milliseconds} ms` : time.toISOString();
}

function missing(place: string, { sequence }: MessageRecord): Finding {
  return {
    code: 'message-missing',
    place,
    problem: `entry ${sequence} says that it is archived, and storage does not have it`,
    remedy: fromBackup,
  };
}

function otherSize(place: string, message: MessageRecord, stat: BlobStat): Finding {
  return {
    code: 'message-size-differs',
    place,
    problem: `the ledger says ${message.size} bytes, storage ${stat.size}`,
    remedy: fromBackup,
  };
}

function notDestroyed(place: string): Finding {
  return {
    code: 'message-not-destroyed',
    place,
    problem: 'the ledger certifies that it was destroyed, and storage still has it',
    remedy:
      'Run `muniment dispose` for it again: the certified order is carried out anew. And find out how it came back; an old copy of a segment or of a backup is the likely way.',
  };
}

function unfinished(place: string, { order, orderedAt }: DispositionRecord): Finding {
  return {
    code: 'disposal-unfinished',
    place,
    problem: `its disposal was ordered on ${new Date(orderedAt).toISOString()} (${order}), and no certificate says that it was destroyed`,
    remedy: 'Run `muniment dispose` for it again: the order is carried out, or the answer says what is in its way.',
  };
}

function orderUnknown(place: string): Finding {
  return {
    code: 'order-unknown',
    place,
    problem: 'storage has an order to dispose of it, and the ledger has none: these bytes cannot be captured',
    remedy:
      'If the ledger was put back from an older copy, put the newer one back. Otherwise somebody else wrote to storage. Restore a backup into a new folder ' +
      '(`muniment restore`), verify and adopt it: only orders that the ledger has come with it; then import again what was refused.',
  };
}

function damaged(place: string, problem: string, remedy = `Check the disk. ${fromBackup}`): Finding {
  return { code: 'archive-damaged', place, problem, remedy };
}

function failed(thrown: unknown): Finding {
  if (!(thrown instanceof ArchiveFault) && systemCodeOf(thrown) === undefined) throw thrown;
  return damaged('archive', messageOf(thrown));
}

function nameOf({ digest, generation }: BlobRef): string {
  return generation === 1 ? digest : `${digest} (generation ${generation})`;
}
