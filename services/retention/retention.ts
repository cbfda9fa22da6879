import type { BlobStore } from '#archive';
import type { Turnstile } from '#kernel';
import type { Catalog, MessageRecord, Recorder, ScheduleRecord } from '#catalog';
import { endOfPeriod, parsePeriod } from './period.ts';

const chunkMessages = 2000;

/** How long messages must be kept. A schedule in force covers what is archived and what arrives. */
export class Retention {
  readonly #recorder: Recorder;
  readonly #archive: BlobStore;
  readonly #turnstile: Turnstile;

  /** @param turnstile shared with disposal: what is being lengthened is not being destroyed */
  constructor(recorder: Recorder, archive: BlobStore, turnstile: Turnstile) {
    this.#recorder = recorder;
    this.#archive = archive;
    this.#turnstile = turnstile;
  }

  get schedule(): ScheduleRecord | undefined {
    return this.#recorder.catalog.dispositions.schedule();
  }

  /**
   * Sets the default schedule; `none` ends it. What storage already promised to keep stays kept: retention only lengthens.
   * @throws RetentionFault `period-invalid`
   */
  async setDefault(text: string, actor: string): Promise<ScheduleRecord | undefined> {
    const period = text.trim().toLowerCase() === 'none' ? null : parsePeriod(text);
    await this.#recorder.ledger.append([{ kind: 'schedule-changed', actor, schedule: 'default', period, aside: {} }]);
    await this.#recorder.fold();
    if (period !== null) await this.#lengthenStored();
    return this.schedule;
  }

  /**
   * Until when, at the longest, any message that is archived must be kept: by the schedule in force, and by those before, which
   * no later one shortens. `null`: nothing was ever promised.
   */
  promisedUntil(): number | null {
    const { messages, dispositions } = this.#recorder.catalog;
    const schedules = dispositions.schedules();
    const ends = schedules.flatMap(({ period }, at) => {
      const newest = messages.newestCapture(replacedAt(schedules, at));
      return period === null || newest === undefined ? [] : [endOfPeriod(period, newest)];
    });
    const recorded = messages.retainUntilMax();
    if (recorded !== null) ends.push(recorded);
    return ends.length === 0 ? null : Math.max(...ends);
  }

  /** Until when a message captured at `capturedAt` must be kept by the schedule in force; `null`: no duty. */
  untilFor(capturedAt: number): number | null {
    const period = this.schedule?.period ?? null;
    return period === null ? null : endOfPeriod(period, capturedAt);
  }

  /** The latest end that any schedule gives which was in force while the message was archived, or at a sighting of it. */
  static until(catalog: Catalog, message: MessageRecord): number | null {
    return promisedBy(catalog.dispositions.schedules(), message);
  }

  /**
   * Tells storage what schedules have promised, where a crash, or a failure, kept it from learning it. Returns how many messages
   * it protected for less long.
   */
  async finish(): Promise<number> {
    return this.schedule === undefined ? 0 : this.#lengthenStored();
  }

  /**
   * Storage learns of what was promised, by earlier schedules too: it may have lost that. Interrupted, it leaves shorter locks in
   * storage than were promised; the judgement before a disposal goes by the schedules, so nothing is destroyed early for that.
   */
  async #lengthenStored(): Promise<number> {
    const { dispositions, messages } = this.#recorder.catalog;
    const schedules = dispositions.schedules();
    let group: MessageRecord[] = [];
    let end: number | null = null;
    let count = 0;
    for (const message of messages.range()) {
      const until = promisedBy(schedules, message);
      // Captures of one batch have one time, so neighbours share their end.
      if (until !== end || group.length >= chunkMessages) {
        count += await this.#lengthen(group, end);
        group = [];
      }
      end = until;
      group.push(message);
    }
    return count + (await this.#lengthen(group, end));
  }

  async #lengthen(group: readonly MessageRecord[], until: number | null): Promise<number> {
    if (until === null || group.length === 0) return 0;
    return this.#turnstile.pass(async () => {
      const shorter: MessageRecord[] = [];
      for (const message of group) if (await this.#isShorter(message, until)) shorter.push(message);
      if (shorter.length > 0) await this.#archive.extendRetention(shorter, until);
      return shorter.length;
    });
  }

  /** Asked in turn: it may have been disposed of since it was read. */
  async #isShorter({ sequence }: MessageRecord, until: number): Promise<boolean> {
    const message = this.#recorder.catalog.messages.bySequence(sequence);
    if (message?.state !== 'archived') return false;
    const stored = await this.#archive.stat(message);
    return stored !== undefined && (stored.lock.retainUntil ?? 0) < until;
  }
}

/** The sequence from which on a schedule is not in force any more. */
function replacedAt(schedules: readonly ScheduleRecord[], at: number): number {
  return schedules[at + 1]?.sequence ?? Number.MAX_SAFE_INTEGER;
}

function promisedBy(schedules: readonly ScheduleRecord[], message: MessageRecord): number | null {
  const ends = schedules.flatMap(({ period, sequence }, at) => {
    const hadEnded = replacedAt(schedules, at) < message.sequence;
    // The capture reckoned from shortly before its entry, and storage was told that.
    const isRecorded = sequence < message.sequence && message.retainUntil !== null;
    return period === null || hadEnded || isRecorded ? [] : [endOfPeriod(period, message.capturedAt)];
  });
  if (message.retainUntil !== null) ends.push(message.retainUntil);
  return ends.length === 0 ? null : Math.max(...ends);
}
