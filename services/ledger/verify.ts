import { asSequence } from '#kernel';
import { BatchReader, decodeBatch, frontierHolds } from './batch-reader.ts';
import { type BatchFile, parseBatch } from './batch-file.ts';
import { decodeEntry } from './entry-codec.ts';
import type { Entry } from './entries/index.ts';
import { ErasureAudit } from './erasure-audit.ts';
import { sidecarOwner } from './erasure.ts';
import {
  emptyHead,
  type Head,
  headAfter,
  hexOf,
  leafHashesOf,
  type OpenedBatch,
  outlined,
  type SigningKey,
  successionProblems,
} from './head.ts';
import { LedgerFault } from './ledger-fault.ts';
import type { LedgerStore } from './ledger-store.ts';
import { sidecarName } from './sidecar.ts';
import type { TreeHead } from './signer.ts';

export interface LedgerDamage {
  /** The batch or file: its first sequence in decimal digits, `sidecar NAME`, or a name. */
  readonly place: string;
  readonly problem: string;
  /** What to do about it, where that is not to put back what was there. */
  readonly remedy?: string;
  /** Of `VerifyOptions.trusted`, the one that it contradicts. */
  readonly trusted?: TreeHead;
}

export interface EpochSummary {
  readonly number: number;
  readonly sequence: number;
  readonly origin: string;
  readonly publicKey: string;
}

/** What was read, once all of it was. */
export interface LedgerSummary extends TreeHead {
  readonly batches: number;
  /** Who signed, from where on: compare the keys with those you know. Without damage their chain is whole. */
  readonly epochs: readonly EpochSummary[];
  /** Sidecars that no batch claims: left by a crash or a lost race (`Ledger.eraseOrphanedSidecars`). */
  readonly orphanedSidecars: number;
}

export interface VerifyOptions {
  /** Sizes and roots that the caller trusts, as from checkpoints: history before each must still be there. */
  readonly trusted?: readonly TreeHead[];
}

/**
 * Reads the whole ledger and recomputes every hash and signature, from the bytes in the store alone. Iterating yields each
 * damage; it does not stop at the first where it can go on. The summary is there when the iteration has ended.
 */
export function verifyLedger(store: LedgerStore, options: VerifyOptions = {}): LedgerVerification {
  return new LedgerVerification(store, options);
}

export class LedgerVerification implements AsyncIterable<LedgerDamage> {
  readonly #store: LedgerStore;
  readonly #reader: BatchReader;
  readonly #trusted: readonly TreeHead[];
  #head: Head = emptyHead;
  #batches = 0;
  #orphanedSidecars = 0;
  readonly #trustedMet = new Set<TreeHead>();
  readonly #epochs: EpochSummary[] = [];
  readonly #keys: SigningKey[] = [];
  readonly #audit = new ErasureAudit();
  /** Sidecars that a batch names and that were there. */
  readonly #claimed = new Set<string>();
  /** Where batches begin. */
  readonly #firsts = new Set<number>();
  #newest: number | undefined;

  constructor(store: LedgerStore, options: VerifyOptions) {
    this.#store = store;
    this.#reader = new BatchReader(store);
    this.#trusted = (options.trusted ?? []).filter(({ size }) => size > 0);
  }

  get summary(): LedgerSummary {
    const { frontier, root } = this.#head;
    const [batches, epochs, orphanedSidecars] = [this.#batches, this.#epochs, this.#orphanedSidecars];
    return { size: frontier.size, root, batches, epochs, orphanedSidecars };
  }

  /** Every key that signed, in order: those of epochs and those they were rotated to. */
  get keys(): readonly SigningKey[] {
    return this.#keys;
  }

  async *[Symbol.asyncIterator](): AsyncIterator<LedgerDamage> {
    for await (const first of this.#store.list(asSequence(0))) yield* this.#batch(first);
    if (this.#batches === 0) yield { place: '0', problem: 'there is no batch' };
    for (const trusted of this.#trusted) {
      if (this.#trustedMet.has(trusted)) continue;
      const problem = `cut off before the trusted ${trusted.size} entries`;
      yield { place: String(this.#head.frontier.size), problem, trusted };
    }
    for (const { problem, sequence } of this.#audit.unaccounted()) yield { place: String(sequence), problem };
    yield* this.#unclaimed();
    for await (const place of this.#store.listStrays())
      yield { place, problem: 'a file that the ledger did not write', remedy: takeAway };
  }

  async *#batch(first: number): AsyncIterable<LedgerDamage> {
    const place = String(first);
    this.#batches++;
    this.#firsts.add(first);
    this.#newest = first;
    const expected = this.#head.frontier.size;
    if (first > expected) yield { place: String(expected), problem: `missing: entries ${expected} to ${first - 1}` };
    try {
      const bytes = await this.#store.read(asSequence(first));
      const file = parseBatch(bytes ?? Buffer.alloc(0), first);
      const { batch, problems } = await this.#open(file);
      const head = first > expected ? startedAgain(this.#head, file) : this.#head;
      for (const problem of [...problems, ...successionProblems(head, outlined(batch))]) yield { place, problem };
      for (const trusted of this.#trusted.filter((one) => !this.#agreesWith(one, head, batch)))
        yield { place, problem: 'its history is not that of the trusted checkpoint', trusted };
      this.#take(head, batch);
    } catch (thrown) {
      if (!(thrown instanceof LedgerFault) || thrown.code !== 'damaged') throw thrown;
      yield { place, problem: String(thrown.facts['problem'] ?? thrown.message) };
    }
  }

  /** A damaged sidecar does not keep the entries from being checked. */
  async #open(file: BatchFile): Promise<{ batch: OpenedBatch; problems: readonly string[] }> {
    const { batch, first, sidecar } = file.header;
    const name = sidecarName(first, batch);
    const bytes = await this.#reader.sidecar(file);
    if (sidecar !== null) this.#claimed.add(name);
    try {
      const opened = decodeBatch(file, bytes);
      this.#audit.see(opened.entries);
      return { batch: opened, problems: [] };
    } catch (thrown) {
      if (!(thrown instanceof LedgerFault) || thrown.code !== 'damaged') throw thrown;
      const entries = file.lines.map((line, i): Entry => decodeEntry(line, first + i, ''));
      const problem = String(thrown.facts['problem'] ?? thrown.message);
      return { batch: { file, entries, leafHashes: leafHashesOf(file.lines) }, problems: [problem] };
    }
  }

  #take(head: Head, batch: OpenedBatch): void {
    if (batch.file.header.first < this.#head.frontier.size || !frontierHolds(batch.file)) return;
    this.#head = headAfter(outlined(batch), head.key);
    if (this.#head.key.since !== head.key.since) this.#keys.push(this.#head.key);
    const [entry] = batch.entries;
    if (entry?.kind !== 'epoch') return;
    const { number, origin, publicKey, sequence } = entry;
    this.#epochs.push({ number, origin, publicKey, sequence });
  }

  #agreesWith(trusted: TreeHead, head: Head, { file, leafHashes }: OpenedBatch): boolean {
    const { first } = file.header;
    const { size, root } = trusted;
    if (size <= first || size > first + leafHashes.length) return true;
    this.#trustedMet.add(trusted);
    const frontier = head.frontier.append(leafHashes.slice(0, size - first));
    return hexOf(frontier.root()) === root;
  }

  /** A batch is proposed at the head, where another one then is, or none yet: its sidecar can be there without it, and nowhere else. */
  async *#unclaimed(): AsyncIterable<LedgerDamage> {
    const misplaced: string[] = [];
    for await (const name of this.#store.listSidecars()) {
      if (this.#claimed.has(name)) continue;
      if (sidecarOwner(name) === undefined) yield { place: `sidecar ${name}`, problem: 'not the name of a sidecar' };
      else if ((await this.#store.readSidecar(name))?.length !== 0) {
        this.#orphanedSidecars++;
        if (!this.#mayLackBatch(name)) misplaced.push(name);
      }
    }
    yield* this.#misplaced(misplaced);
  }

  #mayLackBatch(name: string): boolean {
    const first = sidecarOwner(name)?.first ?? -1;
    return first === this.#head.frontier.size || this.#firsts.has(first);
  }

  async *#misplaced(names: readonly string[]): AsyncIterable<LedgerDamage> {
    // Where others commit meanwhile, it may belong to what they commit.
    if (names.length === 0 || (await this.#store.newest()) !== this.#newest) return;
    for (const name of names) {
      yield { place: `sidecar ${name}`, problem: 'no batch was ever to begin there', remedy: takeAway };
    }
  }
}

const takeAway = 'Find out where it comes from, take it out of the folder, and keep it as evidence.';

/** Behind a gap only what a batch says of the state before it can be taken up; the gap itself was reported. */
function startedAgain(head: Head, { header }: BatchFile): Head {
  return { ...head, root: header.previousRoot, policy: header.policy, epoch: header.epoch };
}
