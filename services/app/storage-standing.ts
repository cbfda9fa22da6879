import { type ExaminationRecord, type Recorder, type WormStanding, wormStanding } from '#catalog';
import type { BlobStore } from '#archive';
import type { Clock } from '#kernel';
import type { EntryDraft } from '#ledger';
import type { LockExamination } from '#verification';
import type { ArchivePlace } from './store-urls.ts';
import { version } from './version.ts';

const DAY = 86_400_000;

type Draft = Extract<EntryDraft, { kind: 'storage-examined' }>;

export interface StorageStandingParts {
  readonly recorder: Recorder;
  readonly archive: Pick<BlobStore, 'capabilities'>;
  readonly clock: Clock;
  readonly place: ArchivePlace;
  /** Restored and not adopted: what the ledger says is about another place, and nothing is recorded. */
  readonly readOnly: boolean;
}

/**
 * Whether storage may be called write-once: what examinations in the ledger show, and what this process has found and
 * could not record yet.
 */
export class StorageStanding {
  readonly #parts: StorageStandingParts;
  #unrecorded: Draft | undefined;

  constructor(parts: StorageStandingParts) {
    this.#parts = parts;
  }

  get current(): WormStanding {
    const { archive, clock, readOnly, recorder } = this.#parts;
    const { lock } = archive.capabilities;
    const last = readOnly ? undefined : recorder.catalog.examinations.last();
    const recorded = wormStanding(lock, last, clock.now());
    if (this.#unrecorded?.verdict !== 'unsound') return recorded;
    const since = recorded.worm === 'withdrawn' ? recorded.since : null;
    return { ...recorded, worm: 'withdrawn', since, proven: null, failed: failuresOf(this.#unrecorded) };
  }

  /** The last examination in the ledger; undefined where there is none of this storage. */
  get last(): ExaminationRecord | undefined {
    return this.#parts.recorder.catalog.examinations.last();
  }

  /** Whether `retry` has something to do. */
  get isBehind(): boolean {
    return this.#unrecorded !== undefined;
  }

  /**
   * Takes in what an examination has shown, at once, and puts it into the ledger where it says anything new, or where the
   * last one there is a day old. What could not be recorded is not forgotten: `retry`.
   * @param actor who had it examined
   * @throws LedgerFault
   */
  async record({ verdict, probes, answers }: LockExamination, actor: string): Promise<void> {
    const { archive, clock, place, readOnly } = this.#parts;
    const { lock } = archive.capabilities;
    if (lock === 'application' || place.kind !== 's3' || readOnly) return;
    const program = `muniment/${version()}`;
    const service = place.endpoint === undefined ? ('amazon-s3' as const) : ('s3-compatible' as const);
    const fields = { actor, examinedAt: clock.now(), program, service, lock, verdict, probes };
    // A failure that is not recorded yet is not undone by a run that could not try it again.
    if (verdict !== 'undecided' || this.#unrecorded?.verdict !== 'unsound') {
      this.#unrecorded = { kind: 'storage-examined', ...fields, aside: { answers: [...answers] } };
    }
    await this.retry();
  }

  /** Records what could not be recorded before. @throws LedgerFault */
  async retry(): Promise<void> {
    const draft = this.#unrecorded;
    if (draft === undefined) return;
    const { recorder, clock } = this.#parts;
    await recorder.fold();
    if (saysMore(draft, this.last, clock.now())) {
      await recorder.ledger.append([draft]);
      await recorder.fold();
    }
    // A later examination may have come in meanwhile.
    if (this.#unrecorded === draft) this.#unrecorded = undefined;
  }
}

/** One that decided nothing says no more than that it was tried. */
function saysMore(draft: Draft, last: ExaminationRecord | undefined, now: number): boolean {
  if (last === undefined || last.lock !== draft.lock || Math.abs(now - last.examined) >= DAY) return true;
  return draft.verdict !== 'undecided' && textOf(draft) !== textOf(last);
}

function textOf({ program, verdict, probes }: Pick<ExaminationRecord, 'program' | 'verdict' | 'probes'>): string {
  return JSON.stringify([program, verdict, probes.map(({ probe, outcome }) => [probe, outcome])]);
}

function failuresOf({ probes, aside }: Draft): WormStanding['failed'] {
  return probes.flatMap(({ probe, outcome }, at) =>
    outcome === 'failed' ? [{ probe, answer: aside.answers[at] ?? '' }] : [],
  );
}
