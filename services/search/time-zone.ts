import type { Span } from './query/range.ts';

/** How far an offset may lie from another one of the same place, and more. */
const DAY = 86_400_000;
/** No offset changes more often. */
const QUARTER = 15 * 60_000;
/** Offsets that are kept: a year has 35,000 quarters of an hour. */
const OFFSETS_MAX = 100_000;
const OFFSET = /^GMT(?:([+-])(\d{1,2}):(\d\d)(?::(\d\d))?)?$/u;

/**
 * In which days, months and hours an archive is asked and answers: a name of the IANA time zone database. Offsets are those of
 * the runtime (ICU).
 */
export class TimeZone {
  static readonly utc = new TimeZone('UTC');
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();

  /** @throws RangeError for a name that is none */
  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
    // As it is written officially, whatever letters were given.
    this.name = this.#format.resolvedOptions().timeZone;
  }

  get isUtc(): boolean {
    return this.name === 'UTC';
  }

  /** How far its clocks are ahead of UTC at an instant, in milliseconds. */
  offsetAt(instant: number): number {
    if (this.isUtc) return 0;
    const quarter = Math.floor(instant / QUARTER);
    let offset = this.#offsets.get(quarter);
    if (offset === undefined) {
      if (this.#offsets.size >= OFFSETS_MAX) this.#offsets.clear();
      this.#offsets.set(quarter, (offset = this.#read(quarter * QUARTER)));
    }
    return offset;
  }

  /** The instant, moved so that what ISO 8601 writes of it in UTC is what clocks of the zone showed. NaN stays NaN. */
  shown(instant: number): number {
    return Math.abs(instant) <= 8.64e15 - DAY ? instant + this.offsetAt(instant) : instant;
  }

  /**
   * All instants of a span of the zone's clocks, given as if they were UTC: what clocks showed twice counts twice, and what they
   * never showed begins when they went on.
   */
  instantsOf({ from, before }: Span): Span {
    return { from: Math.min(...this.#instants(from)), before: Math.max(...this.#instants(before)) };
  }

  #instants(clock: number): number[] {
    const offsets = new Set([this.offsetAt(clock - DAY), this.offsetAt(clock + DAY)]);
    const possible = [...offsets].map((offset) => clock - offset);
    const real = possible.filter((instant) => instant + this.offsetAt(instant) === clock);
    return real.length > 0 ? real : possible.slice(0, 1);
  }

  #read(instant: number): number {
    const parts = this.#format.formatToParts(instant);
    const text = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign, hours = '0', minutes = '0', seconds = '0'] = OFFSET.exec(text) ?? [];
    const ahead = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
    return sign === '-' ? -ahead : ahead;
  }
}
