import { type Clock, newName, type Sequence, SharedRun, Turnstile } from '#kernel';
import { ArchiveFault, type BlobRef, type BlobStat, type BlobStore } from '#archive';
import {
  type Catalog,
  type DispositionRecord,
  factsOfMessage,
  type MessageRecord,
  type Recorder,
  type SeparateCatalog,
} from '#catalog';
import { HoldJudge, unjudgedBy } from '#matters';
import { decodeDocument, type SearchIndex } from '#search';
import type { ArchivedContent, ArchivedContents } from './archived-content.ts';
import { refuseUnlessPassed } from './passed-time.ts';
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

/** An order whose message is gone from archive and index, and how many stored copies were destroyed for it. */
interface Destroyed {
  readonly order: string;
  readonly versions: number;
}

interface Ordered {
  readonly message: MessageRecord;
  readonly ordered: DispositionRecord;
}

export interface DispositionParts {
  readonly recorder: Recorder;
  readonly archive: BlobStore;
  readonly index: SearchIndex;
  /** What holds are judged by: the bytes, not what an index remembers of them. */
  readonly contents: ArchivedContents;
  /** What is judged and carried out is what this says, and not the recorder's catalog. */
  readonly truth: SeparateCatalog;
  readonly clock: Clock;
  /** Shared with capture: no sighting is recorded, and no lock strengthened, between judgement and destruction. */
  readonly turnstile: Turnstile;
}

/**
 * Lawful destruction, and the only maker of disposition orders. Three guards, each enough alone: holds and schedules are
 * judged against the message itself; the ledger refuses the order when policy changed after that judgement; storage
 * refuses while its own lock stands. Everything is judged and carried out by what the ledger says, folded anew in this
 * process: the archive's catalog is a file that others can write to. Crash table: services/archive/README.md.
 */
export class Disposition {
  readonly #recorder: Recorder;
  readonly #archive: BlobStore;
  readonly #index: SearchIndex;
  readonly #contents: ArchivedContents;
  readonly #truth: SeparateCatalog;
  readonly #clock: Clock;
  readonly #turnstile: Turnstile;
  /** Around that one: what one message says is in memory, however many are to be disposed of. */
  readonly #ordering = new Turnstile();
  /** Files of the index that still have words of removed messages are written anew: for many disposals at once. */
  readonly #forgotten: SharedRun;

  constructor(parts: DispositionParts) {
    this.#recorder = parts.recorder;
    this.#archive = parts.archive;
    this.#index = parts.index;
    this.#contents = parts.contents;
    this.#truth = parts.truth;
    this.#clock = parts.clock;
    this.#turnstile = parts.turnstile;
    this.#forgotten = new SharedRun(() => this.#forget());
  }

  /**
   * Orders and carries out the disposal of one message; where an order was given and could not be carried out (a full disk),
   * carries that out. Many at once share what takes long. The first one of a process waits until it has read the ledger.
   * @throws RetentionFault `no-such-message`, `already-disposed`, `held`, `retained`, `time-unwitnessed`, `not-stored`;
   *   ArchiveFault; LedgerFault `damaged`
   */
  async dispose(message: BlobRef, reason: string, actor: string): Promise<Certificate> {
    // Not in turn: capture goes on meanwhile.
    await this.#truth.folded();
    const destroyed = await this.#ordering.pass(async () => {
      const content = await this.#readAhead(message);
      return await this.#turnstile.pass(() => this.#order(message, content, { reason, actor }));
    });
    await this.#forgotten.ran();
    return await this.#turnstile.pass(() => this.#certify(destroyed));
  }

  /**
   * Carries out orders that have no certificate: a crash came in between, or storage refused. Returns how many.
   * @throws what kept the first of those from it that still could not be carried out, after all others
   */
  async finish(): Promise<number> {
    // Where even the archive's catalog knows of none, the ledger need not be read for it.
    if (this.#recorder.catalog.dispositions.unfinished().length === 0) return 0;
    const failures: unknown[] = [];
    const unfinished = (await this.#truth.folded()).dispositions.unfinished();
    const destroyed = await this.#each(unfinished, (record) => this.#resume(record), failures);
    if (destroyed.length > 0) await this.#forgotten.ran();
    const certified = await this.#each(destroyed, (one) => this.#certify(one), failures);
    if (failures.length > 0) throw failures[0];
    return certified.length;
  }

  /** Gives the order, where none was given, and destroys what it names. */
  async #order(
    ref: BlobRef,
    content: ArchivedContent | undefined,
    { reason, actor }: { readonly reason: string; readonly actor: string },
  ): Promise<Destroyed> {
    const { ledger } = this.#recorder;
    for (;;) {
      const truth = await this.#truth.folded();
      const message = messageIn(truth, ref);
      if (message === undefined) throw notFound();
      const { digest, generation, sequence: capture } = message;
      const again = await this.#orderOfWhatIsBack(message, truth);
      if (again !== undefined) return await this.#destroy(again);
      const begun = truth.dispositions.unfinished().find((record) => record.message === capture);
      if (begun !== undefined) return await this.#resume(begun);
      // A sighting since may be one that a hold matches: any entry about the message, and any policy, makes this stale.
      const size = truth.position();
      // Never two, unless a catalog that was tampered with was once believed: then the bytes are held if either is.
      const others = truth.messages.archivedOf(digest).filter(({ sequence }) => sequence !== capture);
      const stored = await this.#refuseUnlessFree(message, truth, content);
      for (const one of others) await this.#refuseUnlessFree(one, truth, content);
      if (stored === undefined) {
        await this.#refuseUnlessOrdered(message);
        continue;
      }
      const order = newName('disposal');
      const about = { order, digest, generation, capture, judgedThrough: size - 1 };
      const draft = { kind: 'disposing' as const, actor, ...about, aside: { reason } };
      const appended = await ledger.append([draft], { size, about: digest });
      if (appended.outcome === 'stale') continue;
      await this.#recorder.fold();
      return await this.#destroy(order);
    }
  }

  /** The order by which a message was disposed of that storage has all the same: with a segment that was missing, it has come back. */
  async #orderOfWhatIsBack(message: MessageRecord, truth: Catalog): Promise<string | undefined> {
    if (message.state !== 'disposed' || (await this.#archive.stat(message)) === undefined) return undefined;
    await this.#refuseIfHeld(message, truth, undefined);
    return truth.dispositions.ofMessage(message.sequence)?.order;
  }

  async #forget(): Promise<void> {
    if (this.#index.capabilities.erasure === 'expunge') await this.#index.expunge();
  }

  /** Reading takes as long as a hostile message can make it; its bytes never change. Undefined where no hold asks for it. */
  async #readAhead(ref: BlobRef): Promise<ArchivedContent | undefined> {
    const truth = await this.#truth.folded();
    const message = messageIn(truth, ref);
    if (message?.state !== 'archived' || truth.holds.active().length === 0) return undefined;
    return await this.#contentOf(message);
  }

  async #contentOf(message: MessageRecord): Promise<ArchivedContent> {
    const [reread] = await this.#contents.read([message]);
    if (reread === undefined) throw disposedAlready(message);
    return reread.read;
  }

  /** Gives what storage knows of it. */
  async #refuseUnlessFree(
    message: MessageRecord,
    truth: Catalog,
    content: ArchivedContent | undefined,
  ): Promise<BlobStat | undefined> {
    if (message.state !== 'archived') throw disposedAlready(message);
    await this.#refuseIfHeld(message, truth, content);
    const stored = await this.#archive.stat(message);
    this.#refuseIfRetained(message, truth, stored?.lock.retainUntil ?? 0);
    if (stored?.lock.legalHold === true) throw held(message, ['a legal hold set in storage']);
    return stored;
  }

  /** Where another process has destroyed it just now, the ledger has the order. @throws RetentionFault `not-stored` */
  async #refuseUnlessOrdered(message: MessageRecord): Promise<void> {
    const now = (await this.#truth.folded()).messages.bySequence(message.sequence);
    if (now?.state === 'archived')
      throw notStored(message, 'Nothing was destroyed or ordered: what is not there cannot be.');
  }

  /** By the schedule and by storage's own lock, whichever is longer. */
  #refuseIfRetained(message: MessageRecord, truth: Catalog, lockedUntil: number): void {
    const now = this.#clock.now();
    const until = Math.max(Retention.until(truth, message) ?? 0, lockedUntil);
    if (until > now) throw retained(message, until);
    // Storage with a lock of its own has a clock of its own, and asks that.
    if (this.#archive.capabilities.lock === 'application')
      refuseUnlessPassed(truth.ledgerTime, { message, until, now });
  }

  /** By what the ledger says was matched, and by judging the message itself anew. */
  async #refuseIfHeld(message: MessageRecord, truth: Catalog, ahead: ArchivedContent | undefined): Promise<void> {
    const recorded = truth.holds.onMessage(message.sequence).map((hold) => hold.id);
    if (recorded.length > 0) throw held(message, recorded);
    const judge = new HoldJudge(truth);
    if (judge.idle) return;
    const active = truth.holds.active().map((hold) => hold.id);
    if (truth.sightings.hasUnknownPlace(message.sequence)) throw mayBeHeld(message, 'places that were erased', active);
    const { encoded, hasUnread } = ahead ?? (await this.#contentOf(message));
    const document = decodeDocument(encoded);
    const facts = factsOfMessage(truth, message);
    const matching = judge.matching(document, facts);
    if (matching.length > 0) throw held(message, matching);
    if (!hasUnread) return;
    const possible = judge.possible(document, facts, { ...unjudgedBy(document.display.flags), content: true });
    if (possible.length > 0) throw mayBeHeld(message, 'attachments that nobody has read', possible);
  }

  /** An order that stands: what is still there stays while a hold matches it that was placed since the order was given. */
  async #resume({ order, sequence }: DispositionRecord): Promise<Destroyed> {
    const truth = await this.#truth.folded();
    const { message } = orderedIn(truth, order);
    const isHeldSince = truth.holds.active().some((hold) => hold.sequence > sequence);
    if (!(await this.#isGone(message)) && isHeldSince) await this.#refuseIfHeld(message, truth, undefined);
    return await this.#destroy(order);
  }

  /**
   * Whether storage says that it was destroyed. What is damaged is not: some of it is there. What storage has never heard of it
   * is not told to destroy: it would, without asking, once the volume is back. @throws `not-stored`
   */
  async #isGone(message: MessageRecord): Promise<boolean> {
    if ((await this.#archive.stat(message)) !== undefined) return false;
    try {
      await this.#archive.read(message);
      return false;
    } catch (thrown) {
      if (!(thrown instanceof ArchiveFault)) throw thrown;
      if (thrown.code === 'not-found') throw notStored(message, orderStands);
      if (thrown.code === 'disposed') return true;
      if (thrown.code === 'damaged' || thrown.code === 'too-large') return false;
      throw thrown;
    }
  }

  /**
   * Bytes and index entry. This, what follows and the certificate may be repeated, and be done by several processes at once.
   * Between them the message is one that is being disposed of: bytes that come back begin a new generation.
   */
  async #destroy(order: string): Promise<Destroyed> {
    const { message, ordered } = orderedIn(await this.#truth.folded(), order);
    const isCertified = ordered.disposed !== null;
    if (isCertified && (await this.#archive.stat(message)) === undefined) return { order, versions: 0 };
    const { digest, generation, sequence: capture } = message;
    const { versions, size } = await this.#archive.dispose({ digest, generation, order, orderedAt: ordered.orderedAt });
    // What it never had it knows no size of.
    if (!isCertified && versions === 0 && size !== message.size) throw notStored(message, orderStands);
    // Not the catalog's position: the index may not have taken in yet what the catalog has.
    await this.#index.apply({ documents: [], removed: [capture], through: await this.#index.position() });
    return { order, versions };
  }

  /** Sidecar lines, and last the certificate, of which there is one. Before it says that the words are gone, they are. */
  async #certify({ order, versions }: Destroyed): Promise<Certificate> {
    const { ledger, catalog } = this.#recorder;
    const { destruction } = this.#archive.capabilities;
    for (;;) {
      await this.#recorder.fold();
      const truth = await this.#truth.folded();
      const { message, ordered } = orderedIn(truth, order);
      const { digest, generation, sequence: capture, size } = message;
      if (ordered.disposed !== null) {
        catalog.checkpoint();
        return { order, digest, generation, size, reason: ordered.reason, sequence: ordered.disposed };
      }
      const position = truth.position();
      const erased = truth.sightings.entriesOf(capture);
      await ledger.eraseAsides(erased);
      const done = { order, digest, generation, capture, size, versions, destruction, erased };
      const draft = { kind: 'disposed' as const, ...done, aside: {} };
      await ledger.append([draft], { size: position, about: digest });
    }
  }

  /** Each in a turn of its own, so that capture goes on in between. What a step throws keeps it from no other. */
  async #each<One, Done>(
    ones: readonly One[],
    step: (one: One) => Promise<Done>,
    failures: unknown[],
  ): Promise<readonly Done[]> {
    const all: Done[] = [];
    for (const one of ones) {
      try {
        all.push(await this.#turnstile.pass(() => step(one)));
      } catch (thrown) {
        failures.push(thrown);
      }
    }
    return all;
  }
}

/** The generation that is asked for; where that is gone and another one is archived, that. */
function messageIn({ messages }: Catalog, { digest, generation }: BlobRef): MessageRecord | undefined {
  const capture = messages.sequenceOf(digest, generation);
  const asked = capture === undefined ? undefined : messages.bySequence(capture);
  return asked?.state === 'disposed' ? (messages.archivedOf(digest)[0] ?? asked) : asked;
}

function orderedIn({ dispositions, messages }: Catalog, order: string): Ordered {
  const ordered = dispositions.byOrder(order);
  const message = ordered && messages.bySequence(ordered.message);
  if (ordered === undefined || message === undefined) throw new Error(`no order ${order}`);
  return { message, ordered };
}

function notFound(): RetentionFault {
  return new RetentionFault('no-such-message', 'There is no such message.', {
    remedy: 'Check the digest with `muniment search`.',
  });
}

function disposedAlready(message: MessageRecord): RetentionFault {
  return new RetentionFault('already-disposed', `The message ${message.digest} was disposed of already.`, {
    remedy: 'Nothing is left to do; `muniment show` has the certificate.',
  });
}

const orderStands = 'The order stands: it is carried out once storage has the message again.';

/** Its bytes may be on a volume that is not mounted: to certify that they are gone would be false. */
function notStored(message: MessageRecord, standing: string): RetentionFault {
  return new RetentionFault('not-stored', `Storage does not have the message ${message.digest}.`, {
    remedy: `${standing} \`muniment verify\` says what is missing.`,
  });
}

function held(message: MessageRecord, holds: readonly string[]): RetentionFault {
  return new RetentionFault('held', `The message ${message.digest} is on legal hold: ${holds.join(', ')}.`, {
    remedy: 'Nothing was destroyed. It can be disposed of once every hold on it is released.',
  });
}

function mayBeHeld(message: MessageRecord, unjudged: string, holds: readonly string[]): RetentionFault {
  const what = `The message ${message.digest} has ${unjudged}, and may fall under legal hold`;
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
