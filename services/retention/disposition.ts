import { type Clock, newName, type Sequence, type Turnstile } from '#kernel';
import type { BlobRef, BlobStore } from '#archive';
import type { DispositionRecord, MessageRecord, Recorder } from '#catalog';
import { factsOfMessage } from '#catalog';
import { type HoldJudge, loadDocument, unjudgedBy } from '#matters';
import type { SearchIndex } from '#search';
import { Retention } from './retention.ts';
import { RetentionFault } from './retention-fault.ts';

/** What remains to be shown of a message that was disposed of. */
export interface Certificate extends BlobRef {
  readonly order: string;
  /** Sequence of the `disposed` entry. */
  readonly sequence: Sequence;
  readonly size: number;
  readonly reason: string;
}

export interface DispositionParts {
  readonly recorder: Recorder;
  readonly archive: BlobStore;
  readonly index: SearchIndex;
  readonly judge: HoldJudge;
  readonly clock: Clock;
  /** Shared with capture: no sighting is recorded, and no lock strengthened, between judgement and destruction. */
  readonly turnstile: Turnstile;
}

/**
 * Lawful destruction, and the only maker of disposition orders. Three guards, each enough alone: holds and schedules are
 * judged against the message itself; the ledger refuses the order when policy changed after that judgement; storage
 * refuses while its own lock stands. Crash table: services/archive/README.md.
 */
export class Disposition {
  readonly #recorder: Recorder;
  readonly #archive: BlobStore;
  readonly #index: SearchIndex;
  readonly #judge: HoldJudge;
  readonly #clock: Clock;
  readonly #turnstile: Turnstile;

  constructor(parts: DispositionParts) {
    this.#recorder = parts.recorder;
    this.#archive = parts.archive;
    this.#index = parts.index;
    this.#judge = parts.judge;
    this.#clock = parts.clock;
    this.#turnstile = parts.turnstile;
  }

  /**
   * Orders and carries out the disposal of one message; where an order was given and could not be carried out (a full disk),
   * carries that out.
   * @throws RetentionFault `no-such-message`, `already-disposed`, `held`, `retained`; ArchiveFault
   */
  dispose(message: MessageRecord, reason: string, actor: string): Promise<Certificate> {
    return this.#turnstile.pass(() => this.#dispose(message, reason, actor));
  }

  /** Carries out orders that a crash left without a certificate. Returns how many. */
  finish(): Promise<number> {
    return this.#turnstile.pass(async () => {
      const unfinished = this.#recorder.catalog.dispositions.unfinished();
      for (const { order } of unfinished) await this.#carryOut(order);
      return unfinished.length;
    });
  }

  async #dispose(message: MessageRecord, reason: string, actor: string): Promise<Certificate> {
    const { ledger, catalog } = this.#recorder;
    for (;;) {
      await this.#recorder.catchUp();
      const current = catalog.messages.bySequence(message.sequence);
      const begun = catalog.dispositions.unfinished().find((record) => record.message === message.sequence);
      if (begun !== undefined) return this.#carryOut(begun.order);
      // Any entry since may be a sighting that a hold matches, so any makes the judgement stale.
      const size = catalog.position();
      await this.#refuseUnlessFree(current);
      const { digest, generation, sequence: capture } = message;
      const order = newName('disposal');
      const draft = {
        kind: 'disposing' as const,
        actor,
        order,
        digest,
        generation,
        capture,
        judgedThrough: size - 1,
        aside: { reason },
      };
      const appended = await ledger.append([draft], { size });
      if (appended.outcome === 'stale') continue;
      await this.#recorder.catchUp();
      return this.#carryOut(order);
    }
  }

  async #refuseUnlessFree(message: MessageRecord | undefined): Promise<void> {
    if (message === undefined) throw notFound();
    if (message.state !== 'archived') throw disposedAlready(message);
    await this.#refuseIfHeld(message);
    const stored = await this.#archive.stat(message);
    const until = Math.max(Retention.until(this.#recorder.catalog, message) ?? 0, stored?.lock.retainUntil ?? 0);
    if (until > this.#clock.now()) throw retained(message, until);
    if (stored?.lock.legalHold === true) throw held(message, ['a legal hold set in storage']);
  }

  /** By what the ledger says was matched, and by judging the message itself anew. */
  async #refuseIfHeld(message: MessageRecord): Promise<void> {
    const { catalog } = this.#recorder;
    const recorded = catalog.holds.onMessage(message.sequence).map((hold) => hold.id);
    if (recorded.length > 0) throw held(message, recorded);
    if (this.#judge.idle) return;
    const { document, hasUnread } = await loadDocument(this.#archive, message);
    const facts = factsOfMessage(catalog, message.sequence);
    const matching = this.#judge.matching(document, facts);
    if (matching.length > 0) throw held(message, matching);
    if (!hasUnread) return;
    const possible = this.#judge.possible(document, facts, { ...unjudgedBy(document.display.flags), content: true });
    if (possible.length > 0) throw mayBeHeld(message, possible);
  }

  /** Every step may be repeated: bytes, index entry, sidecar lines, and last the certificate. */
  async #carryOut(order: string): Promise<Certificate> {
    const { ledger, catalog } = this.#recorder;
    const ordered = this.#ordered(order);
    const message = catalog.messages.bySequence(ordered.message);
    if (message === undefined) throw notFound();
    const { digest, generation, sequence: capture, size } = message;
    const { versions } = await this.#archive.dispose({ digest, generation, order, orderedAt: ordered.orderedAt });
    // Not the catalog's position: the index may not have taken in yet what the catalog has.
    await this.#index.apply({ documents: [], removed: [capture], through: await this.#index.position() });
    const erased = catalog.sightings.entriesOf(capture);
    await ledger.eraseAsides(erased);
    const { destruction } = this.#archive.capabilities;
    const appended = await ledger.append([
      { kind: 'disposed', order, digest, generation, capture, size, versions, destruction, erased, aside: {} },
    ]);
    await this.#recorder.catchUp();
    catalog.checkpoint();
    if (appended.outcome !== 'appended') throw new Error('an append without judgement cannot be stale');
    return { order, digest, generation, size, reason: ordered.reason, sequence: appended.sequences[0] ?? capture };
  }

  #ordered(order: string): DispositionRecord {
    const found = this.#recorder.catalog.dispositions.unfinished().find((record) => record.order === order);
    if (found === undefined) throw new Error(`no unfinished order ${order}`);
    return found;
  }
}

function notFound(): RetentionFault {
  return new RetentionFault('no-such-message', 'There is no such message.', {
    remedy: 'Check the digest with `muniment search`.',
  });
}

function disposedAlready(message: MessageRecord): RetentionFault {
  return new RetentionFault('already-disposed', `The message ${message.digest} was disposed of already.`, {
    remedy: 'Nothing is left to do; the certificate is in the ledger.',
  });
}

function held(message: MessageRecord, holds: readonly string[]): RetentionFault {
  return new RetentionFault('held', `The message ${message.digest} is on legal hold: ${holds.join(', ')}.`, {
    remedy: 'Nothing was destroyed. It can be disposed of once every hold on it is released.',
  });
}

function mayBeHeld(message: MessageRecord, holds: readonly string[]): RetentionFault {
  const what = `The message ${message.digest} has attachments that nobody has read, and may fall under legal hold`;
  return new RetentionFault('held', `${what}: ${holds.join(', ')}.`, {
    remedy:
      'Nothing was destroyed: what cannot be judged is held. It can be disposed of once every such hold is released.',
  });
}

function retained(message: MessageRecord, until: number): RetentionFault {
  return new RetentionFault(
    'retained',
    `The message ${message.digest} must be kept until ${new Date(until).toISOString()}.`,
    {
      remedy: 'Nothing was destroyed. Try again after that date.',
    },
  );
}
