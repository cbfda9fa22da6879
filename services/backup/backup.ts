import type { BlobStore } from '#archive';
import type { Catalog, MessageRecord, Recorder } from '#catalog';
import { asSequence, type Clock } from '#kernel';
import { Ledger, type LedgerBatch, type LedgerStore } from '#ledger';
import { BackupFault } from './backup-fault.ts';
import { checkCopy } from './check-copy.ts';
import { copyBatch } from './copy-batch.ts';
import { copyLocks, relockedBy } from './copy-locks.ts';
import { copyMessages, inChunks } from './copy-messages.ts';
import { type CopyOptions, goOnUnlessAborted } from './copy-progress.ts';
import { replayDisposal } from './replay-disposals.ts';
import type { StoredArchive } from './stored-archive.ts';
import { targetPosition } from './target-position.ts';

export interface BackupSource {
  readonly recorder: Recorder;
  readonly archive: BlobStore;
  readonly ledgerStore: LedgerStore;
}

export interface BackupOptions extends CopyOptions {
  readonly clock: Clock;
  readonly actor: string;
  /** Where the target is, for the entry's sidecar. */
  readonly to: string;
  /** `full` goes over everything again: what the target lacks is copied, and every byte of it is read. */
  readonly verify?: 'incremental' | 'full';
}

export interface BackupReport {
  /** The ledger that the backup holds. */
  readonly size: number;
  readonly root: string;
  /** What the backup holds, and what of it this run brought. */
  readonly messages: number;
  readonly bytes: number;
  readonly copiedMessages: number;
  readonly copiedBytes: number;
  readonly disposals: number;
}

/**
 * Copies what the target lacks, reads it back, and then says so in the source's ledger. Messages come before the ledger
 * batches that name them; the effects of a batch (locks, disposals) come right after it, and those of the newest batch in
 * the target are done again, so that a run that was cut off anywhere is completed by the next.
 * @throws BackupFault; LedgerFault, ArchiveFault when a store fails
 */
export async function backup(
  source: BackupSource,
  target: StoredArchive,
  options: BackupOptions,
): Promise<BackupReport> {
  const position = await targetPosition(source.ledgerStore, target, options.clock);
  await using ledger = await Ledger.open({ store: source.ledgerStore, clock: options.clock });
  const run = new BackupRun(source, target, ledger, options);
  await run.pin();
  const head = await run.copyFrom(options.verify === 'full' ? 0 : position);
  await checkCopy(target, head, { ...options, from: position });
  return run.record(head);
}

interface TargetHead {
  readonly size: number;
  readonly root: string;
}

class BackupRun {
  readonly #source: BackupSource;
  readonly #catalog: Catalog;
  readonly #target: StoredArchive;
  /** Reads the source's batches from its store, each checked; not from the memory of who wrote them. */
  readonly #ledger: Ledger;
  readonly #options: BackupOptions;
  #copiedMessages = 0;
  #copiedBytes = 0;
  #disposals = 0;

  constructor(source: BackupSource, target: StoredArchive, ledger: Ledger, options: BackupOptions) {
    this.#source = source;
    this.#catalog = source.recorder.catalog;
    this.#target = target;
    this.#ledger = ledger;
    this.#options = options;
  }

  /** The first batch names no message. With it a target belongs to this archive, from its first moment. */
  async pin(): Promise<void> {
    for await (const batch of this.#ledger.read(0, 1)) await this.#copyBatch(batch);
  }

  /**
   * Copies up to the head, and again from there when a disposal was ordered meanwhile: a backup that holds the ledger up
   * to some entry must not lack a message, or a sidecar line, without holding the order too.
   */
  async copyFrom(position: number): Promise<TargetHead> {
    let copied = position;
    let listed = position;
    for (;;) {
      const head = await this.#head();
      await this.#copyMessages(listed, head.size);
      listed = head.size;
      if (await this.#hasOrderSince(head.size)) continue;
      await this.#copyLedger(copied, head.size);
      copied = head.size;
      if (!(await this.#hasOrderSince(head.size))) return head;
    }
  }

  async record(head: TargetHead): Promise<BackupReport> {
    const { recorder } = this.#source;
    const { actor, to } = this.#options;
    const held = this.#held(head.size);
    await recorder.ledger.append([
      { kind: 'backup', actor, size: asSequence(head.size), root: head.root, ...held, aside: { to } },
    ]);
    await recorder.catchUp();
    const [copiedMessages, copiedBytes, disposals] = [this.#copiedMessages, this.#copiedBytes, this.#disposals];
    return { ...head, ...held, copiedMessages, copiedBytes, disposals };
  }

  async #head(): Promise<TargetHead> {
    const { recorder } = this.#source;
    const { size, root } = await this.#ledger.refresh();
    await recorder.ledger.refresh();
    await recorder.catchUp();
    return { size, root };
  }

  async #hasOrderSince(size: number): Promise<boolean> {
    await this.#ledger.refresh();
    for await (const { entries } of this.#ledger.read(size)) {
      if (entries.some(({ kind }) => kind === 'disposing' || kind === 'disposed')) return true;
    }
    return false;
  }

  async #copyMessages(from: number, to: number): Promise<void> {
    const damaged: string[] = [];
    for await (const chunk of inChunks(this.#archived(from, to))) {
      goOnUnlessAborted(this.#options.signal);
      const copy = await copyMessages(chunk, this.#source.archive, this.#target.archive, this.#options.scratch);
      this.#copiedMessages += copy.copied;
      this.#copiedBytes += copy.bytes;
      damaged.push(...copy.damaged.map(({ digest }) => digest));
      if (copy.gone.length > 0) await this.#source.recorder.catchUp();
      damaged.push(...copy.gone.filter((ref) => this.#isArchived(ref)).map(({ digest }) => digest));
      this.#report('messages', this.#copiedMessages);
    }
    if (damaged.length > 0) throw sourceDamaged(damaged);
  }

  *#archived(from: number, to: number): IterableIterator<MessageRecord> {
    for (const message of this.#catalog.messages.range(from, to)) if (message.state === 'archived') yield message;
  }

  #isArchived({ digest, generation }: Pick<MessageRecord, 'digest' | 'generation'>): boolean {
    const sequence = this.#catalog.messages.sequenceOf(digest, generation);
    return sequence !== undefined && this.#catalog.messages.bySequence(sequence)?.state === 'archived';
  }

  async #copyLedger(from: number, to: number): Promise<void> {
    for await (const batch of this.#ledger.read(from, to)) {
      goOnUnlessAborted(this.#options.signal);
      await this.#copyBatch(batch);
      await this.#copyEffects(batch);
      this.#report('ledger', batch.first + batch.entries.length, to);
    }
  }

  async #copyBatch(batch: LedgerBatch): Promise<void> {
    await copyBatch(batch, this.#source.ledgerStore, this.#target.ledgerStore);
  }

  async #copyEffects({ entries }: LedgerBatch): Promise<void> {
    const [catalog, ledger, from, to] = [this.#catalog, this.#ledger, this.#source.ledgerStore, this.#target];
    for (const entry of entries) {
      await copyLocks(relockedBy(entry, catalog), catalog, this.#source.archive, to.archive);
      if (entry.kind !== 'disposed') continue;
      if ((await replayDisposal(entry, { catalog, ledger, from, to })) > 0) this.#disposals += 1;
    }
  }

  #held(size: number): { messages: number; bytes: number } {
    let [messages, bytes] = [0, 0];
    for (const message of this.#archived(0, size)) {
      messages += 1;
      bytes += message.size;
    }
    return { messages, bytes };
  }

  #report(phase: 'messages' | 'ledger', done: number, total?: number): void {
    this.#options.onProgress?.({ phase, done, total, bytes: this.#copiedBytes });
  }
}

function sourceDamaged(digests: readonly string[]): BackupFault {
  const [first = ''] = digests;
  const others = digests.length === 1 ? '' : ` and ${digests.length - 1} more`;
  return new BackupFault('source-damaged', `The archive cannot give ${first}${others}: the backup is not complete.`, {
    remedy:
      'Run verify --full to see all that is damaged, and bring it back from an earlier backup; the rest was copied.',
    facts: { messages: digests.length, first },
  });
}
