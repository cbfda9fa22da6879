import { type BlobRef, type BlobStore, nameOfBlob } from '#archive';
import type { Catalog, MessageRecord, Recorder, SeparateCatalog } from '#catalog';
import { asSequence, type Clock, type Digest, inGroups } from '#kernel';
import { Ledger, type LedgerBatch, type LedgerStore } from '#ledger';
import { BackupFault } from './backup-fault.ts';
import { checkCopy } from './check-copy.ts';
import { copyBatch } from './copy-batch.ts';
import { copyLocks, relockedBy } from './copy-locks.ts';
import { copiedTogether, copyMessages, type MessageToCopy } from './copy-messages.ts';
import { type CopyOptions, goOnUnlessAborted } from './copy-progress.ts';
import { lostBatches, lostMessages } from './lost-from-target.ts';
import { replayDisposal } from './replay-disposals.ts';
import type { StoredArchive } from './stored-archive.ts';
import { targetPosition } from './target-position.ts';

export interface BackupSource {
  readonly recorder: Recorder;
  /** Of the recorder's ledger. What is folded already need not be read for the next run. */
  readonly truth: SeparateCatalog;
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
  /** Called when the target is known to be this archive's, before anything in it is changed. */
  readonly accepted?: () => Promise<void>;
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
  /** Of those, what earlier runs had brought and the target had lost; and how many ledger batches it had lost. */
  readonly lostMessages: number;
  readonly lostBatches: number;
  readonly disposals: number;
}

/**
 * Copies what the target lacks, reads it back, and then says so in the source's ledger. Messages come before the ledger
 * batches that name them; the effects of a batch (locks, disposals) come right after it, and those of the newest batch in
 * the target are done again, so that a run that was cut off anywhere is completed by the next. What earlier runs brought is
 * looked for, not believed to be there. What the target has to hold is what the source's ledger says, folded by this
 * process: the archive's catalog is a file that others can write to. What the source cannot give keeps nothing else from
 * being copied, ledger included; the run then fails, and the source's ledger says nothing of it.
 * @throws BackupFault `source-damaged` (all else was copied) and others; LedgerFault, ArchiveFault when a store fails
 */
export async function backup(
  source: BackupSource,
  target: StoredArchive,
  options: BackupOptions,
): Promise<BackupReport> {
  const position = await targetPosition(source.ledgerStore, target, options.clock);
  await options.accepted?.();
  await using ledger = await Ledger.open({ store: source.ledgerStore, clock: options.clock });
  const run = new BackupRun(source, target, ledger, options);
  await run.pin();
  await run.mend(position);
  const held = await run.copyFrom(options.verify === 'full' ? 0 : position);
  await checkCopy(target, held, { ...options, from: position });
  await run.refuseDamaged();
  return run.record(held);
}

type Held = Pick<BackupReport, 'size' | 'root' | 'messages' | 'bytes'>;

class BackupRun {
  readonly #source: BackupSource;
  readonly #target: StoredArchive;
  /** Reads the source's batches from its store, each checked; not from the memory of who wrote them. */
  readonly #ledger: Ledger;
  readonly #options: BackupOptions;
  readonly #damaged = new Map<string, BlobRef>();
  #copiedMessages = 0;
  #copiedBytes = 0;
  #lostMessages = 0;
  #lostBatches = 0;
  #disposals = 0;

  constructor(source: BackupSource, target: StoredArchive, ledger: Ledger, options: BackupOptions) {
    this.#source = source;
    this.#target = target;
    this.#ledger = ledger;
    this.#options = options;
  }

  /** The first batch names no message. With it a target belongs to this archive, from its first moment. */
  async pin(): Promise<void> {
    for await (const batch of this.#ledger.read(0, 1)) await this.#copyBatch(batch);
  }

  /** Copies again what earlier runs brought and the target has no more. What it does have is not read. */
  async mend(newest: number): Promise<void> {
    const catalog = await this.#source.truth.folded();
    let end = newest;
    for await (const { first, entries } of this.#ledger.read(newest, newest + 1)) end = first + entries.length;
    await this.#copyMessages(lostMessages(archived(catalog, 0, end), this.#target.archive, this.#options));
    this.#lostMessages = this.#copiedMessages;
    for (const first of await lostBatches(this.#source.ledgerStore, this.#target.ledgerStore, end)) {
      for await (const batch of this.#ledger.read(first, first + 1)) await this.#copyBatch(batch);
      this.#lostBatches += 1;
    }
  }

  /**
   * Copies up to the head, and again from there when a disposal was ordered meanwhile: a backup that holds the ledger up
   * to some entry must not lack a message, or a sidecar line, without holding the order too.
   */
  async copyFrom(position: number): Promise<Held> {
    let copied = position;
    let listed = position;
    for (;;) {
      // In this order: of what is before the head, the fold has all.
      const { size, root } = await this.#ledger.refresh();
      const catalog = await this.#source.truth.folded();
      await this.#copyMessages(archived(catalog, listed, size));
      listed = size;
      if (await this.#hasOrderSince(size)) continue;
      await this.#copyLedger(copied, size, catalog);
      copied = size;
      if (!(await this.#hasOrderSince(size))) return { size, root, ...totalsOf(archived(catalog, 0, size)) };
    }
  }

  /** Of what the source could not give, all that it should still have. */
  async refuseDamaged(): Promise<void> {
    const digests: Digest[] = [];
    for (const ref of this.#damaged.values()) if (await this.#isArchived(ref)) digests.push(ref.digest);
    if (digests.length > 0) throw sourceDamaged(digests);
  }

  async record(held: Held): Promise<BackupReport> {
    const { recorder } = this.#source;
    const { actor, to } = this.#options;
    const entry = { kind: 'backup' as const, actor, ...held, size: asSequence(held.size), aside: { to } };
    await recorder.ledger.append([entry]);
    await recorder.catchUp();
    return {
      ...held,
      copiedMessages: this.#copiedMessages,
      copiedBytes: this.#copiedBytes,
      lostMessages: this.#lostMessages,
      lostBatches: this.#lostBatches,
      disposals: this.#disposals,
    };
  }

  async #hasOrderSince(size: number): Promise<boolean> {
    await this.#ledger.refresh();
    for await (const { entries } of this.#ledger.read(size)) {
      if (entries.some(({ kind }) => kind === 'disposing' || kind === 'disposed')) return true;
    }
    return false;
  }

  /** What the source cannot give keeps nothing else from being copied. */
  async #copyMessages(messages: Iterable<MessageToCopy> | AsyncIterable<MessageToCopy>): Promise<void> {
    for await (const chunk of inGroups(messages, copiedTogether)) {
      goOnUnlessAborted(this.#options.signal);
      const copy = await copyMessages(chunk, this.#source.archive, this.#target.archive, this.#options.scratch);
      this.#copiedMessages += copy.copied;
      this.#copiedBytes += copy.bytes;
      for (const ref of [...copy.damaged, ...copy.gone]) this.#damaged.set(nameOfBlob(ref), ref);
      this.#report('messages', this.#copiedMessages);
    }
  }

  /** By now: it may have been disposed of meanwhile. */
  async #isArchived({ digest, generation }: BlobRef): Promise<boolean> {
    const { messages } = await this.#source.truth.folded();
    const sequence = messages.sequenceOf(digest, generation);
    return sequence !== undefined && messages.bySequence(sequence)?.state === 'archived';
  }

  async #copyLedger(from: number, to: number, catalog: Catalog): Promise<void> {
    for await (const batch of this.#ledger.read(from, to)) {
      goOnUnlessAborted(this.#options.signal);
      await this.#copyBatch(batch);
      await this.#copyEffects(batch, catalog);
      this.#report('ledger', batch.first + batch.entries.length, to);
    }
  }

  async #copyBatch(batch: LedgerBatch): Promise<void> {
    await copyBatch(batch, this.#source.ledgerStore, this.#target.ledgerStore);
  }

  async #copyEffects({ entries }: LedgerBatch, catalog: Catalog): Promise<void> {
    const [ledger, from, to] = [this.#ledger, this.#source.ledgerStore, this.#target];
    for (const entry of entries) {
      await copyLocks(relockedBy(entry, catalog), catalog, this.#source.archive, to.archive);
      if (entry.kind !== 'disposed') continue;
      if ((await replayDisposal(entry, { catalog, ledger, from, to })) > 0) this.#disposals += 1;
    }
  }

  #report(phase: 'messages' | 'ledger', done: number, total?: number): void {
    this.#options.onProgress?.({ phase, done, total, bytes: this.#copiedBytes });
  }
}

function* archived(catalog: Catalog, from: number, to: number): IterableIterator<MessageRecord> {
  for (const message of catalog.messages.range(from, to)) if (message.state === 'archived') yield message;
}

function totalsOf(held: Iterable<MessageRecord>): { messages: number; bytes: number } {
  let [messages, bytes] = [0, 0];
  for (const { size } of held) {
    messages += 1;
    bytes += size;
  }
  return { messages, bytes };
}

function sourceDamaged(digests: readonly string[]): BackupFault {
  const [first = ''] = digests;
  const others = digests.length === 1 ? '' : ` and ${digests.length - 1} more`;
  return new BackupFault('source-damaged', `The archive cannot give ${first}${others}: the backup is not complete.`, {
    remedy:
      'All else was copied, ledger and holds included. Run verify --full to see what is damaged, and keep each earlier backup that has it.',
    facts: { messages: digests.length, first },
  });
}
