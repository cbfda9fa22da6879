import { expect } from '@jest/globals';
import fc from 'fast-check';
import type { ParsingPool } from '#ingest';
import { Fault } from '#kernel';
import { Crash, DeathAt } from './crashing-stores.ts';
import { GatedArchive, type Medium } from './gated-archive.ts';
import { days, passDays } from './passing-time.ts';
import { type Letter, letters, type PreservationModel, type Question, questions } from './preservation-model.ts';

/** The archive that a run works on: replaced by a new one after each crash. */
export class Real {
  readonly medium: Medium;
  readonly #pool: ParsingPool;
  archive: GatedArchive;

  private constructor(medium: Medium, pool: ParsingPool, archive: GatedArchive) {
    this.medium = medium;
    this.#pool = pool;
    this.archive = archive;
  }

  static async open(medium: Medium, pool: ParsingPool): Promise<Real> {
    const archive = await GatedArchive.open(medium, pool);
    await archive.matter();
    return new Real(medium, pool, archive);
  }

  get now(): number {
    return this.medium.clock.now();
  }

  /** Does it with a process that dies at that moment; then the next one starts, and may die while mending, too. */
  async dying<T>(at: number, mendingAt: number, work: (archive: GatedArchive) => Promise<T>): Promise<T | undefined> {
    const answer = await this.#until(at, work);
    if (answer !== undefined) return answer.value;
    await this.#until(mendingAt, (archive) => archive.mend());
    this.archive = await GatedArchive.open(this.medium, this.#pool);
    await this.archive.mend();
    return undefined;
  }

  /** Undefined when it died. */
  async #until<T>(at: number, work: (archive: GatedArchive) => Promise<T>): Promise<{ value: T } | undefined> {
    const death = new DeathAt(at);
    try {
      this.archive = await GatedArchive.open(this.medium, this.#pool, death.gate);
      const value = await work(this.archive);
      // The index follows in its own time: what it has begun belongs to the moments at which the process may die.
      await this.archive.recorder.catchUp();
      death.spare();
      return { value };
    } catch (thrown) {
      if (!isCrash(thrown)) throw thrown;
      return undefined;
    }
  }
}

function isCrash(thrown: unknown): boolean {
  return thrown instanceof Crash || (thrown instanceof Error && isCrash(thrown.cause));
}

/** A step of a run: does something to the archive, the same to the model, and compares. */
export type Command = fc.AsyncCommand<PreservationModel, Real>;

/** When the process dies within the command, and within the mending after it, counted in moments of its stores' calls. */
interface Deaths {
  readonly at: number;
  readonly mendingAt: number;
}

abstract class Dying implements Command {
  readonly deaths: Deaths | undefined;

  constructor(deaths: Deaths | undefined) {
    this.deaths = deaths;
  }

  check(): boolean {
    return true;
  }

  async run(model: PreservationModel, real: Real): Promise<void> {
    await this.act(model, real);
    await checkState(model, real);
  }

  abstract act(model: PreservationModel, real: Real): Promise<void>;
  abstract describe(): string;

  toString(): string {
    const { deaths } = this;
    return deaths === undefined ? this.describe() : `${this.describe()} dying at ${deaths.at}, ${deaths.mendingAt}`;
  }

  /** The work's answer, or undefined when the process died in it. */
  protected async do<T>(real: Real, work: (archive: GatedArchive) => Promise<T>): Promise<T | undefined> {
    if (this.deaths === undefined) return work(real.archive);
    return real.dying(this.deaths.at, this.deaths.mendingAt, work);
  }
}

interface Showing {
  readonly letter: Letter;
  readonly custodian: string;
  readonly copy: number;
}

function pathOf({ letter, custodian, copy }: Showing): string {
  return `${custodian}/${letter.mark}-${copy}.eml`;
}

class CaptureCommand extends Dying {
  readonly shown: readonly Showing[];

  constructor(shown: readonly Showing[], deaths: Deaths | undefined) {
    super(deaths);
    this.shown = shown;
  }

  async act(model: PreservationModel, real: Real): Promise<void> {
    const items = this.shown.map((one) => ({
      bytes: one.letter.bytes,
      custodian: one.custodian,
      path: pathOf(one),
    }));
    const outcomes = await this.do(real, (archive) => archive.capture(items));
    if (outcomes === undefined) return this.#adopt(model, real);
    // One place named twice in a call is one sighting: which of the two is said to be it does not matter.
    const expected = this.shown.map((one) => model.see(one.letter, one.custodian, pathOf(one), real.now));
    expect([...outcomes].sort()).toEqual([...expected].sort());
  }

  /** Entries are all there or none; without them, what was stored is there without its places. */
  #adopt(model: PreservationModel, real: Real): void {
    const { catalog } = real.archive;
    for (const one of this.shown) {
      const message = real.archive.message(one.letter.bytes);
      if (message?.state !== 'archived') continue;
      const paths = catalog.sightings.ofMessage(message.sequence).map(({ path }) => path);
      if (paths.includes(pathOf(one))) model.see(one.letter, one.custodian, pathOf(one), real.now);
      else if (!model.kept.has(one.letter)) model.recover(one.letter, real.now);
    }
  }

  describe(): string {
    return `capture ${this.shown.map(pathOf).join(' ')}`;
  }
}

class PlaceCommand extends Dying {
  readonly question: Question;

  constructor(question: Question, deaths: Deaths | undefined) {
    super(deaths);
    this.question = question;
  }

  async act(model: PreservationModel, real: Real): Promise<void> {
    const id = await this.do(real, (archive) => archive.place(this.question.query));
    const placed = id ?? real.archive.catalog.holds.active().find((hold) => !model.holds.has(hold.id))?.id;
    if (placed !== undefined) model.place(placed, this.question);
  }

  describe(): string {
    return `place ${this.question.query}`;
  }
}

class ReleaseCommand extends Dying {
  readonly pick: number;

  constructor(pick: number, deaths: Deaths | undefined) {
    super(deaths);
    this.pick = pick;
  }

  async act(model: PreservationModel, real: Real): Promise<void> {
    const id = [...model.holds.keys()][this.pick % Math.max(1, model.holds.size)];
    if (id === undefined) return;
    await this.do(real, (archive) => archive.holds.release(id, 'settled', 'cli'));
    if (real.archive.holds.get(id).releasedAt !== null) model.holds.delete(id);
  }

  describe(): string {
    return `release ${this.pick}`;
  }
}

class RetainCommand extends Dying {
  readonly days: number | undefined;

  constructor(days: number | undefined, deaths: Deaths | undefined) {
    super(deaths);
    this.days = days;
  }

  async act(model: PreservationModel, real: Real): Promise<void> {
    const before = real.archive.retention.schedule?.sequence;
    await this.do(real, (archive) =>
      archive.retention.setDefault(this.days === undefined ? 'none' : `P${this.days}D`, 'cli'),
    );
    if (real.archive.retention.schedule?.sequence !== before) model.schedule(this.days);
  }

  describe(): string {
    return `retain ${this.days}`;
  }
}

class AdvanceCommand extends Dying {
  readonly days: number;

  constructor(days: number) {
    super(undefined);
    this.days = days;
  }

  act(model: PreservationModel, real: Real): Promise<void> {
    model.pass(this.days);
    return passDays(real.archive, this.days);
  }

  describe(): string {
    return `advance ${this.days}`;
  }
}

class SetForwardCommand extends Dying {
  readonly days: number;

  constructor(days: number) {
    super(undefined);
    this.days = days;
  }

  act(model: PreservationModel, real: Real): Promise<void> {
    model.setForward(this.days);
    real.medium.clock.advance(days(this.days));
    return Promise.resolve();
  }

  describe(): string {
    return `set forward ${this.days}`;
  }
}

class DisposeCommand extends Dying {
  readonly letter: Letter;

  constructor(letter: Letter, deaths: Deaths | undefined) {
    super(deaths);
    this.letter = letter;
  }

  async act(model: PreservationModel, real: Real): Promise<void> {
    const { letter } = this;
    if (!model.kept.has(letter) && !model.disposed.has(letter)) return;
    const verdict = model.verdict(letter, real.now);
    const mustStay = model.mustStay(letter, real.now);
    const answer = await this.do(real, (archive) => outcomeOf(archive.dispose(letter.bytes)));
    if (answer !== undefined && verdict !== undefined) expect(answer).toBe(answers[verdict]);
    if (real.archive.message(letter.bytes)?.state !== 'disposed' || !model.kept.has(letter)) return;
    expect(mustStay).toBe(false);
    model.dispose(letter);
  }

  describe(): string {
    return `dispose ${this.letter.mark}`;
  }
}

const answers = {
  held: 'held',
  retained: 'retained',
  unwitnessed: 'time-unwitnessed',
  free: 'disposed',
  gone: 'already-disposed',
} as const;

async function outcomeOf(disposal: Promise<void>): Promise<string> {
  try {
    await disposal;
    return 'disposed';
  } catch (thrown) {
    if (isCrash(thrown) || !(thrown instanceof Fault)) throw thrown;
    return String(thrown.code);
  }
}

/** What is true after every command. */
async function checkState(model: PreservationModel, real: Real): Promise<void> {
  for (const letter of letters) {
    if (model.kept.has(letter)) await checkKept(letter, model, real);
    else if (model.disposed.has(letter)) await checkGone(letter, real);
    else expect(real.archive.message(letter.bytes)).toBeUndefined();
  }
}

async function checkKept(letter: Letter, model: PreservationModel, { archive }: Real): Promise<void> {
  const kept = model.kept.get(letter);
  const message = archive.message(letter.bytes);
  if (kept === undefined || message === undefined) throw new Error(`${letter.mark} is not in the catalog`);
  expect(message).toMatchObject({ state: 'archived', generation: kept.generation });
  expect(await archive.archive.read(message)).toEqual(letter.bytes);
  const paths = archive.catalog.sightings.ofMessage(message.sequence).map(({ path }) => path);
  expect(new Set(paths)).toEqual(kept.paths);
  expect(paths).toHaveLength(kept.paths.size);
  const stat = await archive.archive.stat(message);
  expect(stat?.lock.retainUntil ?? 0).toBeGreaterThanOrEqual(kept.retainUntil);
  const holds = archive.catalog.holds.onMessage(message.sequence).map(({ id }) => id);
  const must = model.holdsOn(letter);
  expect(holds).toEqual(expect.arrayContaining(must));
  if (!kept.isRecovered) expect(new Set(holds)).toEqual(new Set(must));
  if (must.length > 0) expect(stat?.lock.legalHold).toBe(true);
}

async function checkGone(letter: Letter, { archive }: Real): Promise<void> {
  const message = archive.message(letter.bytes);
  if (message === undefined) throw new Error(`${letter.mark} has no record`);
  expect(message.state).toBe('disposed');
  await expect(archive.archive.read(message)).rejects.toMatchObject({ code: 'disposed' });
  expect(archive.catalog.sightings.ofMessage(message.sequence)).toEqual([]);
  expect((await archive.index.sequences()).has(message.sequence)).toBe(false);
}

/** What is true at the end, also by an independent reading of everything. */
export async function checkEnd(model: PreservationModel, { archive }: Real): Promise<void> {
  const entries = await archive.entries();
  const captured = entries.filter(({ kind }) => kind === 'capture' || kind === 'recovered');
  const [kept, gone] = [model.kept.size, archive.catalog.messages.totals().disposed];
  expect(archive.catalog.messages.totals().messages).toBe(kept + gone);
  expect(gone).toBe(entries.filter(({ kind }) => kind === 'disposed').length);
  expect(captured.length).toBeGreaterThanOrEqual(kept + gone);
  const readable = JSON.stringify(entries);
  for (const letter of letters) {
    if (!model.kept.has(letter)) expect(readable).not.toContain(letter.mark);
  }
  expect(await archive.findings()).toEqual([]);
}

const deaths = fc.option(fc.record({ at: fc.nat(24), mendingAt: fc.nat(24) }), { freq: 3, nil: undefined });
const someLetter = fc.constantFrom(...letters);
const showing = fc.record({ letter: someLetter, custodian: fc.constantFrom('ada', 'ben'), copy: fc.nat(1) });

export const commands: fc.Arbitrary<Command>[] = [
  fc.tuple(fc.array(showing, { minLength: 1, maxLength: 4 }), deaths).map((given) => new CaptureCommand(...given)),
  fc.tuple(fc.array(showing, { minLength: 1, maxLength: 4 }), deaths).map((given) => new CaptureCommand(...given)),
  fc.tuple(fc.constantFrom(...questions), deaths).map((given) => new PlaceCommand(...given)),
  fc.tuple(fc.nat(3), deaths).map((given) => new ReleaseCommand(...given)),
  fc.tuple(fc.constantFrom(undefined, 0, 1, 5, 30, 30), deaths).map((given) => new RetainCommand(...given)),
  fc.constantFrom(1, 3, 40).map((count) => new AdvanceCommand(count)),
  fc.constantFrom(30, 400).map((count) => new SetForwardCommand(count)),
  fc.tuple(someLetter, deaths).map((given) => new DisposeCommand(...given)),
  fc.tuple(someLetter, deaths).map((given) => new DisposeCommand(...given)),
];
