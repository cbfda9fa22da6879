import { asSequence, Fault, newName, type Sequence, Turnstile } from '#kernel';
import type { BlobStore } from '#archive';
import { factsAsOf, type HoldRecord, type MessageRecord, type Recorder } from '#catalog';
import {
  type Ast,
  type FactNode,
  factsIn,
  type MarkField,
  parseQuery,
  SearchFault,
  type SearchIndex,
  SequenceSet,
  TimeZone,
  withAbsoluteDates,
} from '#search';
import { HoldFlags } from './hold-flags.ts';
import type { HoldJudge } from './hold-judge.ts';
import { MattersFault } from './matters-fault.ts';
import type { Matters } from './matters.ts';
import { covered, unjudgedAmong } from './unjudged.ts';

const chunkMessages = 2000;

export interface PlacedHold {
  readonly hold: HoldRecord;
  /** Messages held now. Later arrivals that match are held as they come. */
  readonly messages: number;
  /** Of them, those that match; the others could not be read well enough to tell. Null where nobody could say. */
  readonly matching: number | null;
  /** Why what is archived could not all be marked. The hold stands, and each disposal is judged by its query; each start tries again. */
  readonly unswept?: Fault | undefined;
}

export interface JudgedHold {
  readonly hold: HoldRecord;
  readonly messages: number;
  readonly unjudged: number | null;
}

export interface LegalHoldParts {
  readonly recorder: Recorder;
  readonly archive: BlobStore;
  readonly index: SearchIndex;
  readonly matters: Matters;
  readonly judge: HoldJudge;
  /** Shared with capture and disposal: no flag is lifted that one of them is just about to rely on. */
  readonly turnstile: Turnstile;
  /** Of dates that name none. */
  readonly timeZone?: TimeZone;
}

/**
 * Legal holds. A hold binds from the moment its entry is committed: every disposal and every capture after it is judged
 * against it. The sweep then marks what is archived already, in the ledger and in storage; one that was interrupted is
 * found (`swept` is false) and finished by `finishSweeps`.
 */
export class LegalHolds {
  readonly #recorder: Recorder;
  readonly #archive: BlobStore;
  readonly #index: SearchIndex;
  readonly #matters: Matters;
  readonly #judge: HoldJudge;
  readonly #turnstile: Turnstile;
  readonly #timeZone: TimeZone;
  readonly #flags: HoldFlags;
  /** One sweep at a time, so that none lifts what another one is setting. */
  readonly #sweeps = new Turnstile();

  constructor(parts: LegalHoldParts) {
    this.#recorder = parts.recorder;
    this.#archive = parts.archive;
    this.#index = parts.index;
    this.#matters = parts.matters;
    this.#judge = parts.judge;
    this.#turnstile = parts.turnstile;
    this.#timeZone = parts.timeZone ?? TimeZone.utc;
    this.#flags = new HoldFlags(parts.recorder, parts.archive);
  }

  /** @throws MattersFault `no-such-matter`, `hold-query-moves`; SearchFault `query-invalid` */
  async place(
    order: { readonly matter: string; readonly query: string; readonly reason: string },
    actor: string,
  ): Promise<PlacedHold> {
    const matter = this.#matters.get(order.matter);
    const query = withAbsoluteDates(order.query, this.#timeZone);
    refuseMoving(parseQuery(query));
    const id = newName('hold');
    const aside = { query, reason: order.reason };
    await this.#recorder.ledger.append([{ kind: 'hold-placed', actor, hold: id, matter: matter.id, aside }]);
    await this.#recorder.fold();
    const unswept = await faultOf(() => this.#settle(id));
    const hold = this.get(id);
    const messages = this.#recorder.catalog.holds.countOf(id);
    const matching = unswept === undefined ? await this.#countMatching(hold, messages) : null;
    return { hold, messages, matching, unswept };
  }

  async #countMatching(hold: HoldRecord, messages: number): Promise<number | null> {
    try {
      const { size } = await this.#find(hold)(this.#judge.query(hold));
      return Math.min(size, messages);
    } catch (thrown) {
      if (thrown instanceof SearchFault) return null;
      throw thrown;
    }
  }

  /** Lifts a hold. Storage's flag goes from each message that no other active hold is on. @throws `no-such-hold`, `hold-released` */
  async release(id: string, reason: string, actor: string): Promise<HoldRecord> {
    await this.#turnstile.pass(async () => {
      if (this.get(id).releasedAt !== null) throw releasedAlready(id);
      await this.#recorder.ledger.append([{ kind: 'hold-released', actor, hold: id, aside: { reason } }]);
      await this.#recorder.fold();
    });
    await this.#settle(id);
    return this.get(id);
  }

  /** Those that are wanted, each as `list` and `countUnjudged` have it. */
  async listJudged(wanted: (hold: HoldRecord) => boolean = () => true): Promise<JudgedHold[]> {
    const unread = this.#unread();
    const own = this.list().filter(({ hold }) => wanted(hold));
    return Promise.all(own.map(async (one) => ({ ...one, unjudged: await this.#countUnjudged(one.hold, unread) })));
  }

  list(): Omit<JudgedHold, 'unjudged'>[] {
    const { holds } = this.#recorder.catalog;
    return holds.all().map((hold) => ({ hold, messages: holds.countOf(hold.id) }));
  }

  /**
   * How many of the messages of a hold could not be read well enough to tell whether they match. Null for a released one, and
   * while the search index cannot be asked.
   */
  async countUnjudged(hold: HoldRecord): Promise<number | null> {
    return this.#countUnjudged(hold, this.#unread());
  }

  /** What could not be read well enough to tell, whatever hold is on it. */
  #unread(): SequenceSet {
    return unjudgedAmong(this.#recorder.catalog.messages.flagged());
  }

  async #countUnjudged(hold: HoldRecord, unjudged: SequenceSet): Promise<number | null> {
    if (hold.releasedAt !== null) return null;
    const { catalog } = this.#recorder;
    const unread = unjudged.and(SequenceSet.of(catalog.holds.messagesOf(hold.id)));
    if (unread.size === 0) return 0;
    try {
      await this.#recorder.catchUp();
      const facts = factsAsOf(catalog, catalog.position() - 1);
      return unread.minus((await this.#index.select({ query: this.#judge.query(hold), facts })).sequences).size;
    } catch (thrown) {
      if (thrown instanceof SearchFault) return null;
      throw thrown;
    }
  }

  /** @throws MattersFault `no-such-hold` */
  get(id: string): HoldRecord {
    const hold = this.#recorder.catalog.holds.byId(id);
    if (hold !== undefined) return hold;
    throw new MattersFault('no-such-hold', `There is no hold "${id}".`, {
      remedy: 'List them with `muniment hold list`.',
    });
  }

  /**
   * Completes what a crash interrupted: flags to be set for placed holds, and to be lifted for released ones.
   * @throws the first fault, once all were tried: one hold keeps no other from being swept
   */
  async finishSweeps(): Promise<number> {
    const unswept = this.#recorder.catalog.holds.unswept();
    const faults: Fault[] = [];
    for (const hold of unswept) {
      const fault = await faultOf(() => this.#settle(hold.id));
      if (fault !== undefined) faults.push(fault);
    }
    const [first] = faults;
    if (first !== undefined) throw first;
    return unswept.length;
  }

  /**
   * Lifts flags that no entry speaks for: a capture that a crash ended between storing and recording has set them on messages
   * that were there already. Looks at all that is stored; returns how many. Where storage has owners of its own a flag may
   * be theirs, and is left. Left is also that of a message that was recovered: a restored archive may know nothing of the hold.
   */
  async liftForgotten(): Promise<number> {
    if (this.#archive.capabilities.lock !== 'application') return 0;
    await this.#recorder.fold();
    const { messages, holds } = this.#recorder.catalog;
    const forgotten: Sequence[] = [];
    for (const message of messages.range()) {
      if (message.state !== 'archived' || holds.onMessage(message.sequence).length > 0) continue;
      if ((await this.#archive.stat(message))?.lock.legalHold !== true) continue;
      if (!(await this.#wasRecovered(message))) forgotten.push(message.sequence);
    }
    return this.#turnstile.pass(() => this.#flags.lift(forgotten));
  }

  async #wasRecovered({ sequence }: MessageRecord): Promise<boolean> {
    return (await this.#recorder.ledger.entry(sequence)).kind === 'recovered';
  }

  /** Brings storage's flags to what the hold says now; it may have been released while earlier sweeps were running. */
  #settle(id: string): Promise<void> {
    return this.#sweeps.pass(async () => {
      const hold = this.get(id);
      if (hold.swept) return;
      await (hold.releasedAt === null ? this.#sweep(hold) : this.#lift(id));
    });
  }

  async #sweep(hold: HoldRecord): Promise<void> {
    let count = 0;
    for (const chunk of chunksOf(await this.#matching(hold))) {
      count += await this.#turnstile.pass(() => this.#apply(hold.id, chunk));
    }
    await this.#recorder.ledger.append([
      { kind: 'hold-swept', hold: hold.id, through: hold.sequence, count, aside: {} },
    ]);
    await this.#recorder.fold();
  }

  /** What is archived below the hold and matches, and what is archived and could not be read well enough to tell. */
  async #matching(hold: HoldRecord): Promise<SequenceSet> {
    const { catalog } = this.#recorder;
    await this.#recorder.catchUp();
    return covered(this.#find(hold), this.#judge.query(hold), catalog.messages.flagged());
  }

  /** Finds among what was archived before the hold was placed. */
  #find(hold: HoldRecord): (ast: Ast) => Promise<SequenceSet> {
    const facts = factsAsOf(this.#recorder.catalog, hold.sequence);
    return async (query) => (await this.#index.select({ query, facts, asOf: hold.sequence })).sequences;
  }

  async #apply(hold: string, sequences: readonly Sequence[]): Promise<number> {
    const messages = await this.#flags.set(sequences);
    if (messages.length === 0) return 0;
    const captures = rangesOf(messages.map((message) => message.sequence));
    await this.#recorder.ledger.append([{ kind: 'hold-applied', hold, captures, count: messages.length, aside: {} }]);
    await this.#recorder.fold();
    await this.#flags.confirm(sequences);
    return messages.length;
  }

  async #lift(hold: string): Promise<void> {
    let count = 0;
    for (const chunk of chunksOf(this.#recorder.catalog.holds.messagesOf(hold))) {
      count += await this.#turnstile.pass(() => this.#flags.lift(chunk));
    }
    await this.#complete(hold, count);
  }

  async #complete(hold: string, count: number): Promise<void> {
    const through = asSequence(this.#recorder.catalog.position());
    await this.#recorder.ledger.append([{ kind: 'hold-swept', hold, through, count, aside: {} }]);
    await this.#recorder.fold();
  }
}

/** What kept the work from being done; undefined where it was. What is no fault is thrown. */
async function faultOf(work: () => Promise<void>): Promise<Fault | undefined> {
  try {
    await work();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown;
    throw thrown;
  }
}

function releasedAlready(id: string): MattersFault {
  return new MattersFault('hold-released', `The hold ${id} was released already.`, {
    remedy: 'Nothing is left to do.',
  });
}

function* chunksOf(sequences: Iterable<Sequence>): Generator<Sequence[]> {
  let chunk: Sequence[] = [];
  for (const sequence of sequences) {
    if (chunk.push(sequence) < chunkMessages) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** Half-open ranges of ascending sequences, joined only where they touch: a range must name nothing that does not match. */
function rangesOf(sequences: readonly Sequence[]): [Sequence, Sequence][] {
  const ranges: [number, number][] = [];
  for (const sequence of sequences) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === sequence) last[1] = sequence + 1;
    else ranges.push([sequence, sequence + 1]);
  }
  return ranges as [Sequence, Sequence][];
}

/**
 * A hold says which messages it is on: by what other holds are on, when they came, or what else there is, it would say otherwise
 * tomorrow, and nobody could tell of a message that is about to be archived.
 */
function refuseMoving(ast: Ast): void {
  if (hasMark(ast, 'fingerprint')) {
    throw new MattersFault('hold-query-moves', 'A hold cannot ask for fingerprint:.', {
      remedy:
        'Another version of this program may compute another one. Say what the messages say, or name each by digest:.',
    });
  }
  for (const fact of factsIn(ast)) {
    const remedy = remedyForMoving(fact);
    if (remedy === undefined) continue;
    const condition = fact.field === 'is' ? `is:${fact.value}` : `${fact.field}:`;
    throw new MattersFault('hold-query-moves', `A hold cannot ask for ${condition}.`, {
      remedy: `${remedy} A hold is on what arrives later as well.`,
    });
  }
}

function hasMark(ast: Ast, field: MarkField): boolean {
  if (ast.kind === 'mark') return ast.field === field;
  if (ast.kind === 'not') return hasMark(ast.child, field);
  return (ast.kind === 'and' || ast.kind === 'or') && ast.children.some((child) => hasMark(child, field));
}

function remedyForMoving({ field, value }: FactNode): string | undefined {
  if (field === 'thread')
    return 'Say what the thread is about: subject:, participants:, date:, or reference: with the Message-ID of its first message.';
  if (field === 'is' && value === 'duplicate') return 'Say what the messages are: a hold is on all copies of them.';
  return field === 'is' || field === 'received'
    ? 'Say what the messages are: words, date:, custodian:, source:.'
    : undefined;
}
