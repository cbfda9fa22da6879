import { asSequence, type Sequence } from '#kernel';
import { checkAttestable } from './attestation.ts';
import { damagedBatch } from './batch-file.ts';
import { BatchReader, ledgerBatch } from './batch-reader.ts';
import { defaultRetry } from './batch-writer.ts';
import { Chain, headAfterChecked } from './chain.ts';
import { type AppendOutcome, Committer, wrongKey } from './committer.ts';
import { checkDraft, type CheckedDraft } from './entry-codec.ts';
import type { Entry, EntryDraft } from './entries/index.ts';
import { eraseAsides, eraseOrphanedSidecars } from './erasure.ts';
import type { HashTiles } from './hash-tiles.ts';
import { emptyHead, type Head } from './head.ts';
import type { LedgerBatch } from './ledger-batch.ts';
import { LedgerFault } from './ledger-fault.ts';
import type { LedgerOptions, SigningLedgerOptions } from './ledger-options.ts';
import { beginEpoch, type EpochDecision } from './new-epoch.ts';
import { Notary } from './notary.ts';
import { proofText } from './proof-text.ts';
import { inclusionProof } from './proof.ts';
import { idsFrom } from './random-source.ts';
import type { Signer, TreeHead } from './signer.ts';

/** What the newest batch says. */
export interface LedgerHead extends TreeHead {
  /** Sequence of the last policy entry, -1 when there is none. */
  readonly policy: number;
  /** Time of the newest batch. */
  readonly time: number;
  readonly epoch: number;
  /** Origin line of this epoch's checkpoints. */
  readonly origin: string;
  /** The key that signs the next batch, 32 bytes, base64. */
  readonly publicKey: string;
}

/** What drafts were judged by: they are not written once something newer is there. */
export interface Judged {
  /** The last policy entry that was considered. */
  readonly policy?: number;
  /** How many entries were considered, for a judgement that any entry can change: a disposal. */
  readonly size?: number;
}

/** The append-only, signed record of everything that happened. One instance per process; many processes may share a store. */
export class Ledger implements AsyncDisposable {
  readonly #chain: Chain;
  readonly #committer: Committer | undefined;
  readonly #notary: Notary | undefined;
  readonly #newId: () => string;

  private constructor(chain: Chain, options: LedgerOptions) {
    const { clock, signer } = options;
    this.#chain = chain;
    this.#newId = idsFrom(options.random);
    if (signer === undefined) return;
    const [lingerMs, retry] = [options.lingerMs ?? 0, options.retry ?? defaultRetry];
    this.#committer = new Committer(signer, { chain, clock, newId: this.#newId, lingerMs, retry });
    this.#notary = new Notary(chain, () => this.#writer().signer);
  }

  /**
   * Begins a ledger with epoch 0 and a new salt for sighting keys.
   * @param options.origin the checkpoints' origin line: a schema-less URL such as `example.com/archive`
   * @throws LedgerFault `already-exists`, `invalid-entry` (an origin that cannot be a key's name)
   */
  static async create(
    options: SigningLedgerOptions & { readonly origin: string; readonly actor: string },
  ): Promise<Ledger> {
    if ((await options.store.newest()) !== undefined) throw alreadyExists();
    const { actor, origin } = options;
    if (!(await beginEpoch(emptyHead, { actor, origin }, options))) throw alreadyExists();
    return await Ledger.open(options);
  }

  /**
   * Opens a ledger by its newest batch and the chain of its keys; not by reading it all.
   * @throws LedgerFault `no-ledger`, `damaged`, `wrong-key`, `inconsistent-history` (what is stored is less than what this
   *   signer signed)
   */
  static async open(options: LedgerOptions): Promise<Ledger> {
    const reader = new BatchReader(options.store);
    const head = await newestHead(reader);
    if (options.signer !== undefined) await checkSigner(options.signer, head);
    const ledger = new Ledger(new Chain(reader, head), options);
    await ledger.refresh();
    return ledger;
  }

  /**
   * Continues a restored ledger, of which nobody knows what came after its backup, as a new epoch under a new key. Its
   * first entry names the state that was restored and who decided.
   * @throws LedgerFault `inconsistent-history` when another writer was faster, and as `open` does
   */
  static async adoptEpoch(options: SigningLedgerOptions & { readonly decision: EpochDecision }): Promise<Ledger> {
    const head = await newestHead(new BatchReader(options.store));
    if (!(await beginEpoch(head, options.decision, options))) {
      throw new LedgerFault('inconsistent-history', 'another writer continued this ledger in the meantime', {
        remedy: 'Stop every other process on this archive, then repeat.',
      });
    }
    return await Ledger.open(options);
  }

  /** The newest committed state this instance knows of. */
  get head(): LedgerHead {
    const { epoch, frontier, key, policy, root, time } = this.#chain.head;
    return { size: frontier.size, root, policy, time, epoch, origin: key.origin, publicKey: key.publicKey };
  }

  /**
   * Records all drafts of the call next to each other, durable on return; calls that arrive while a batch is being written
   * share the next. With `policy`, the last policy entry by which the drafts were judged, they are only written while no
   * newer one exists; with `size`, only while the ledger has no more entries than that. May be called again with the same drafts after `store-unavailable`: what turned out to be in is not
   * written twice.
   * @throws LedgerFault `too-large`, `invalid-entry`, `wrong-key`, `read-only`, `store-unavailable`, `damaged`
   */
  async append(drafts: readonly EntryDraft[], judged: Judged = {}): Promise<AppendOutcome> {
    const writer = this.#writer();
    if (drafts.length === 0) return { outcome: 'appended', sequences: [] };
    const checked = drafts.map((draft) => this.#check(draft));
    if (checked.some(({ kind }) => kind === 'epoch' || kind === 'key-rotated')) throw notAppended();
    return await writer.commit(checked, judged);
  }

  /**
   * Batches that have entries in `[from, to)`, whole, ascending; up to the head at the time of the call when `to` is absent.
   * @throws LedgerFault `damaged`
   */
  async *read(from: number, to = this.#chain.size): AsyncIterable<LedgerBatch> {
    const end = Math.min(to, this.#chain.size);
    let before: Head | undefined;
    for (let at = from; at < end;) {
      const first = before === undefined ? await this.#chain.firstOfBatchWith(at) : at;
      const recent = this.#chain.recent(first);
      const { batch, after } =
        recent === undefined ? await this.#load(first, before) : { batch: recent, after: undefined };
      yield batch;
      before = after;
      at = batch.first + batch.entries.length;
    }
  }

  /** One entry. @throws LedgerFault `not-found`, `damaged` */
  async entry(sequence: number): Promise<Entry> {
    const first = await this.#batchWith(sequence);
    const batch = this.#chain.recent(first) ?? (await this.#load(first)).batch;
    return batch.entries[sequence - first] ?? missing(sequence);
  }

  /** The bytes that are the leaf of one entry: what a proof proves. @throws LedgerFault `not-found`, `damaged` */
  async entryBytes(sequence: number): Promise<Buffer> {
    const first = await this.#batchWith(sequence);
    const read = await this.#chain.reader.headAt(first);
    return Buffer.from(read?.batch.file.lines[sequence - first] ?? missing(sequence));
  }

  /**
   * The leaves of many entries, in the order asked for; ascending, each batch is read once. Whoever relies on them compares
   * them with the tree.
   * @throws LedgerFault `not-found`, `damaged`
   */
  async *leaves(sequences: Iterable<number>): AsyncIterable<Buffer> {
    let [first, lines]: [number, readonly string[]] = [0, []];
    for (const sequence of sequences) {
      if (sequence < first || sequence >= first + lines.length) {
        first = await this.#batchWith(sequence);
        lines = (await this.#chain.reader.file(first))?.lines ?? missing(sequence);
      }
      yield Buffer.from(lines[sequence - first] ?? missing(sequence));
    }
  }

  /** Called after each commit this instance sees, its own or another writer's. Returns the way to end it. */
  onCommitted(listener: (head: LedgerHead) => void): () => void {
    // Later, so that a listener that throws cannot make a committed append look failed.
    return this.#chain.onAdvanced(() => queueMicrotask(() => listener(this.head)));
  }

  /** Looks for batches that other writers added; returns the head after them. @throws LedgerFault `damaged` */
  async refresh(): Promise<LedgerHead> {
    await this.#chain.exclusive(() => this.#chain.catchUp());
    return this.head;
  }

  /** The salt that sighting keys are made with (`sightingKey`): 32 bytes, base64. @throws LedgerFault `damaged` */
  async sightingSalt(): Promise<string> {
    const epoch = await this.entry(0);
    const salt = epoch.kind === 'epoch' && epoch.aside !== 'erased' ? epoch.aside.sightingSalt : undefined;
    if (salt === undefined) throw damagedBatch(0, 'it has no salt for sighting keys');
    return salt;
  }

  /**
   * A C2SP checkpoint (text) of the first `size` entries, all when absent: of committed state read back, consistent with
   * every checkpoint this key signed before.
   * @throws LedgerFault `inconsistent-history`, `not-reached` (tiles lag behind), `read-only`
   */
  async checkpoint(tiles: HashTiles, size = this.#chain.size): Promise<string> {
    this.#writer();
    return (await this.#notary?.checkpoint(tiles, size)) ?? '';
  }

  /**
   * A C2SP tlog-proof (text) that the entry at `sequence` is in the tree of the checkpoint that is inside it.
   * @throws LedgerFault like `checkpoint`, and `not-found`
   */
  async proof(tiles: HashTiles, sequence: number, size = this.#chain.size): Promise<string> {
    if (!(sequence >= 0 && sequence < size)) return missing(sequence);
    const checkpoint = await this.checkpoint(tiles, size);
    return proofText({ index: sequence, path: inclusionProof(tiles, sequence, size), checkpoint });
  }

  /**
   * The current key's Ed25519 signature (64 bytes) over a list of files and their sums, so that files which leave the archive
   * can be checked with the key alone; the same bytes give the same signature. It says nothing about the ledger and can
   * be taken for no statement about it: signed is only what is in each line `<64 hex digits>  <path>`, as sha256sum
   * writes it. A checkpoint begins with an origin, in which a space is not allowed, and has a number in its second line;
   * a batch begins with `{`.
   * @throws LedgerFault `not-attestable`, `read-only`
   */
  async attest(bytes: Uint8Array): Promise<Uint8Array> {
    const { signer } = this.#writer();
    // A copy: what was checked is what is signed, whatever the caller does with its bytes meanwhile.
    const list = new Uint8Array(bytes);
    checkAttestable(list);
    return await signer.sign(list);
  }

  /** The next batch, and all after it, are signed by `next`. Returns the sequence of the entry that says so. */
  async rotateKey(next: Signer, by: { readonly actor: string; readonly reason?: string }): Promise<Sequence> {
    const writer = this.#writer();
    const { actor, reason } = by;
    const aside = reason === undefined ? {} : { reason };
    const draft = this.#check({ kind: 'key-rotated', actor, publicKey: next.publicKey, aside });
    const signed = await writer.signer.lastSigned();
    if (signed !== undefined) await next.remember(signed);
    const outcome = await writer.commit([draft], { next });
    return outcome.outcome === 'appended' ? (outcome.sequences[0] ?? asSequence(0)) : missing(outcome.policy);
  }

  /**
   * Empties the sidecar lines of these entries, durable on return. Idempotent; entries without an aside are passed over.
   * @throws LedgerFault `not-found`, `damaged`, `store-unavailable`
   */
  async eraseAsides(sequences: readonly number[]): Promise<void> {
    const firsts = new Map<number, number[]>();
    for (const sequence of sequences) {
      const first = await this.#batchWith(sequence);
      firsts.set(first, [...(firsts.get(first) ?? []), sequence - first]);
    }
    await this.#chain.exclusive(async () => {
      for (const [first, indexes] of firsts) await eraseAsides(this.#chain.reader, first, indexes);
      this.#chain.forgetRecent();
    });
  }

  /** Empties the sidecars of proposals that were never committed (a crash before the batch, a lost race). */
  async eraseOrphanedSidecars(): Promise<number> {
    return await this.#chain.exclusive(() => eraseOrphanedSidecars(this.#chain.reader, this.#chain.size));
  }

  /** Waits until every append has its answer. Leaves the store open. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#committer?.drained();
  }

  #check(draft: EntryDraft): CheckedDraft {
    return checkDraft(draft, this.#newId);
  }

  #writer(): Committer {
    if (this.#committer !== undefined) return this.#committer;
    throw new LedgerFault('read-only', 'the ledger was opened without its signing key', {
      remedy: 'Open it with the signing key, or continue a restored ledger as a new epoch.',
    });
  }

  async #batchWith(sequence: number): Promise<number> {
    if (!(Number.isInteger(sequence) && sequence >= 0 && sequence < this.#chain.size)) return missing(sequence);
    return await this.#chain.firstOfBatchWith(sequence);
  }

  async #load(first: number, before?: Head): Promise<{ batch: LedgerBatch; after: Head }> {
    const read = await this.#chain.reader.headAt(first);
    if (read === undefined) throw damagedBatch(first, 'it is missing');
    const after = before === undefined && first > 0 ? read.head : headAfterChecked(before ?? emptyHead, read.batch);
    return { batch: ledgerBatch(read.batch), after };
  }
}

async function newestHead(reader: BatchReader): Promise<Head> {
  const newest = await reader.store.newest();
  const read = newest === undefined ? undefined : await reader.headAt(newest);
  if (read !== undefined) return read.head;
  throw new LedgerFault('no-ledger', 'there is no ledger here', {
    remedy: 'Check the address of the archive, or create a new one.',
  });
}

async function checkSigner(signer: Signer, head: Head): Promise<void> {
  if (signer.publicKey !== head.key.publicKey) throw wrongKey();
  const signed = await signer.lastSigned();
  const { size } = head.frontier;
  if (signed === undefined || signed.size < size || (signed.size === size && signed.root === head.root)) return;
  throw new LedgerFault('inconsistent-history', `the ledger ends at ${size}, but ${signed.size} entries were signed`, {
    remedy: 'Bring back the missing batches from a backup, or continue the restored ledger as a new epoch.',
    facts: { size, signed: signed.size },
  });
}

function alreadyExists(): LedgerFault {
  return new LedgerFault('already-exists', 'there is a ledger here already', { remedy: 'Open it instead.' });
}

function notAppended(): LedgerFault {
  return new LedgerFault('invalid-entry', 'entries about epochs and keys are not appended like others', {
    remedy: 'Use rotateKey or adoptEpoch.',
  });
}

function missing(sequence: number): never {
  throw new LedgerFault('not-found', `the ledger has no entry ${sequence}`, { remedy: 'Check the sequence.' });
}
