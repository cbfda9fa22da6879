import { asSequence, newName, type Sequence } from '#kernel';
import type { BlobRef, BlobStore } from '#archive';
import { factsAsOf, type HoldRecord, type MessageRecord, type Recorder } from '#catalog';
import type { SearchIndex } from '#search';
import { parseQuery, SequenceSet } from '#search';
import type { HoldJudge } from './hold-judge.ts';
import { MattersFault } from './matters-fault.ts';
import type { Matters } from './matters.ts';
import { isUnjudged, widest } from './unjudged.ts';

const chunkMessages = 2000;

export interface PlacedHold {
  readonly hold: HoldRecord;
  /** Messages held now. Later arrivals that match are held as they come. */
  readonly messages: number;
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

  constructor(parts: {
    recorder: Recorder;
    archive: BlobStore;
    index: SearchIndex;
    matters: Matters;
    judge: HoldJudge;
  }) {
    this.#recorder = parts.recorder;
    this.#archive = parts.archive;
    this.#index = parts.index;
    this.#matters = parts.matters;
    this.#judge = parts.judge;
  }

  /** @throws MattersFault `no-such-matter`; SearchFault `query-invalid` */
  async place(
    order: { readonly matter: string; readonly query: string; readonly reason: string },
    actor: string,
  ): Promise<PlacedHold> {
    const matter = this.#matters.get(order.matter);
    parseQuery(order.query);
    const id = newName('hold');
    const aside = { query: order.query, reason: order.reason };
    await this.#recorder.ledger.append([{ kind: 'hold-placed', actor, hold: id, matter: matter.id, aside }]);
    await this.#recorder.catchUp();
    await this.#sweep(this.get(id));
    return { hold: this.get(id), messages: this.#recorder.catalog.holds.countOf(id) };
  }

  /** Lifts a hold. Storage's flag goes from each message that no other active hold is on. @throws `no-such-hold`, `hold-released` */
  async release(id: string, reason: string, actor: string): Promise<HoldRecord> {
    const hold = this.get(id);
    if (hold.releasedAt !== null) {
      throw new MattersFault('hold-released', `The hold ${id} was released already.`, {
        remedy: 'Nothing is left to do.',
      });
    }
    await this.#recorder.ledger.append([{ kind: 'hold-released', actor, hold: id, aside: { reason } }]);
    await this.#recorder.catchUp();
    await this.#lift(id);
    return this.get(id);
  }

  list(): { readonly hold: HoldRecord; readonly messages: number }[] {
    const { holds } = this.#recorder.catalog;
    return holds.all().map((hold) => ({ hold, messages: holds.countOf(hold.id) }));
  }

  /** @throws MattersFault `no-such-hold` */
  get(id: string): HoldRecord {
    const hold = this.#recorder.catalog.holds.byId(id);
    if (hold !== undefined) return hold;
    throw new MattersFault('no-such-hold', `There is no hold "${id}".`, {
      remedy: 'List them with `muniment hold list`.',
    });
  }

  /** Completes what a crash interrupted: flags to be set for placed holds, and to be lifted for released ones. */
  async finishSweeps(): Promise<number> {
    const unswept = this.#recorder.catalog.holds.unswept();
    for (const hold of unswept) await (hold.releasedAt === null ? this.#sweep(hold) : this.#lift(hold.id));
    return unswept.length;
  }

  async #sweep(hold: HoldRecord): Promise<void> {
    const matching = await this.#matching(hold);
    let chunk: MessageRecord[] = [];
    let count = 0;
    for (const sequence of matching) {
      const message = this.#recorder.catalog.messages.bySequence(sequence);
      if (message?.state !== 'archived') continue;
      count += 1;
      if (chunk.push(message) < chunkMessages) continue;
      await this.#apply(hold.id, chunk);
      chunk = [];
    }
    await this.#apply(hold.id, chunk);
    await this.#recorder.ledger.append([
      { kind: 'hold-swept', hold: hold.id, through: hold.sequence, count, aside: {} },
    ]);
    await this.#recorder.catchUp();
  }

  /** What is archived below the hold and matches, and what is archived and could not be read well enough to tell. */
  async #matching(hold: HoldRecord): Promise<SequenceSet> {
    const { catalog } = this.#recorder;
    const facts = factsAsOf(catalog, hold.sequence);
    const query = this.#judge.query(hold);
    const sure = await this.#index.select({ query, facts, asOf: hold.sequence });
    const wide = await this.#index.select({ query: widest(query), facts, asOf: hold.sequence });
    const unjudged = SequenceSet.of();
    for (const message of catalog.messages.flagged()) if (isUnjudged(message.flags)) unjudged.add(message.sequence);
    return sure.sequences.or(wide.sequences.and(unjudged));
  }

  async #apply(hold: string, messages: readonly MessageRecord[]): Promise<void> {
    if (messages.length === 0) return;
    await this.#archive.setLegalHolds(messages.map(refOf), true);
    const captures = rangesOf(messages.map((message) => message.sequence));
    await this.#recorder.ledger.append([{ kind: 'hold-applied', hold, captures, count: messages.length, aside: {} }]);
  }

  async #lift(hold: string): Promise<void> {
    const { messages, holds } = this.#recorder.catalog;
    let free: BlobRef[] = [];
    let count = 0;
    for (const sequence of holds.messagesOf(hold)) {
      const message = messages.bySequence(sequence);
      if (message?.state !== 'archived' || holds.onMessage(sequence).length > 0) continue;
      count += 1;
      if (free.push(refOf(message)) < chunkMessages) continue;
      await this.#archive.setLegalHolds(free, false);
      free = [];
    }
    if (free.length > 0) await this.#archive.setLegalHolds(free, false);
    await this.#complete(hold, count);
  }

  async #complete(hold: string, count: number): Promise<void> {
    const through = asSequence(this.#recorder.catalog.position());
    await this.#recorder.ledger.append([{ kind: 'hold-swept', hold, through, count, aside: {} }]);
    await this.#recorder.catchUp();
  }
}

function refOf(message: MessageRecord): BlobRef {
  return { digest: message.digest, generation: message.generation };
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
