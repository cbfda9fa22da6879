import { asSequence } from '#kernel';
import { decodeBatch, frontierHolds } from './batch-reader.ts';
import { type BatchFile, parseBatch } from './batch-file.ts';
import { decodeEntry } from './entry-codec.ts';
import type { Entry } from './entries/index.ts';
import { ErasureAudit } from './erasure-audit.ts';
import { sidecarOwner } from './erasure.ts';
import { emptyHead, type Head, headAfter, hexOf, leafHashesOf, type OpenedBatch, successionProblems } from './head.ts';
import { LedgerFault } from './ledger-fault.ts';
import type { LedgerStore } from './ledger-store.ts';
import { sidecarName } from './sidecar.ts';
import type { TreeHead } from './signer.ts';

export interface LedgerDamage {
  /** The batch or file: its first sequence in decimal digits, `sidecar NAME`, or a name. */
  readonly place: string;
  readonly problem: string;
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
  /** A size and root from a checkpoint that the caller has verified and trusts: history before it must still be there. */
  readonly trustedCheckpoint?: TreeHead;
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
  readonly #trusted: TreeHead | undefined;
  #head: Head = emptyHead;
  #batches = 0;
  #orphanedSidecars = 0;
  #trustedMet = false;
  readonly #epochs: EpochSummary[] = [];
  readonly #audit = new ErasureAudit();
  /** Sidecars that a batch names and that were there. */
  readonly #claimed = new Set<string>();

  constructor(store: LedgerStore, options: VerifyOptions) {
    this.#store = store;
    this.#trusted = options.trustedCheckpoint;
    this.#trustedMet = this.#trusted === undefined || this.#trusted.size === 0;
  }

  get summary(): LedgerSummary {
    const { frontier, root } = this.#head;
    const [batches, epochs, orphanedSidecars] = [this.#batches, this.#epochs, this.#orphanedSidecars];
    return { size: frontier.size, root, batches, epochs, orphanedSidecars };
  }

  async *[Symbol.asyncIterator](): AsyncIterator<LedgerDamage> {
    for await (const first of this.#store.list(asSequence(0))) yield* this.#batch(first);
    if (this.#batches === 0) yield { place: '0', problem: 'there is no batch' };
    if (!this.#trustedMet) {
      yield {
        place: String(this.#head.frontier.size),
        problem: `cut off before the trusted ${this.#trusted?.size} entries`,
      };
    }
    for (const { problem, sequence } of this.#audit.unaccounted()) yield { place: String(sequence), problem };
    yield* this.#unclaimed();
    for await (const place of this.#store.listStrays())
      yield { place, problem: 'a file that the ledger did not write' };
  }

  async *#batch(first: number): AsyncIterable<LedgerDamage> {
    const place = String(first);
    this.#batches++;
    const expected = this.#head.frontier.size;
    if (first > expected) yield { place: String(expected), problem: `missing: entries ${expected} to ${first - 1}` };
    try {
      const bytes = await this.#store.read(asSequence(first));
      const file = parseBatch(bytes ?? Buffer.alloc(0), first);
      const { batch, problems } = await this.#open(file);
      const head = first > expected ? startedAgain(this.#head, file) : this.#head;
      for (const problem of [...problems, ...successionProblems(head, batch)]) yield { place, problem };
      if (!this.#agreesWithTrusted(head, batch))
        yield { place, problem: 'its history is not that of the trusted checkpoint' };
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
    const bytes = sidecar === null ? undefined : await this.#store.readSidecar(name);
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
    this.#head = headAfter(batch, head.key);
    const [entry] = batch.entries;
    if (entry?.kind !== 'epoch') return;
    const { number, origin, publicKey, sequence } = entry;
    this.#epochs.push({ number, origin, publicKey, sequence });
  }

  #agreesWithTrusted(head: Head, { file, leafHashes }: OpenedBatch): boolean {
    const { first } = file.header;
    const size = this.#trusted?.size ?? -1;
    if (size <= first || size > first + leafHashes.length) return true;
    this.#trustedMet = true;
    const frontier = head.frontier.append(leafHashes.slice(0, size - first));
    return hexOf(frontier.root()) === this.#trusted?.root;
  }

  async *#unclaimed(): AsyncIterable<LedgerDamage> {
    for await (const name of this.#store.listSidecars()) {
      if (this.#claimed.has(name)) continue;
      if (sidecarOwner(name) === undefined) yield { place: `sidecar ${name}`, problem: 'not the name of a sidecar' };
      else if ((await this.#store.readSidecar(name))?.length !== 0) this.#orphanedSidecars++;
    }
  }
}

/** Behind a gap only what a batch says of the state before it can be taken up; the gap itself was reported. */
function startedAgain(head: Head, { header }: BatchFile): Head {
  return { ...head, root: header.previousRoot, policy: header.policy, epoch: header.epoch };
}
