import { asSequence, type Sequence } from '#kernel';
import type { AppendOutcome, Judged } from './append-outcome.ts';
import { checkAttestable } from './attestation.ts';
import { damagedBatch } from './batch-file.ts';
import { BatchReader, ledgerBatch } from './batch-reader.ts';
import { defaultRetry } from './batch-writer.ts';
import { Chain, headAfterChecked } from './chain.ts';
import { Committer, wrongKey } from './committer.ts';
import { checkDraft, type CheckedDraft } from './entry-codec.ts';
import type { Entry, EntryDraft } from './entries/index.ts';
import { eraseAsides, eraseOrphanedSidecars } from './erasure.ts';
import type { HandedCall, SentBatch } from './hand-over.ts';
import type { HashTiles } from './hash-tiles.ts';
import { emptyHead, type Head, outlined } from './head.ts';
import type { LedgerBatch } from './ledger-batch.ts';
import { LedgerFault } from './ledger-fault.ts';
import type { LedgerOptions, SigningLedgerOptions } from './ledger-options.ts';
import { beginEpoch, type EpochDecision } from './new-epoch.ts';
import { Notary } from './notary.ts';
import { proofText } from './proof-text.ts';
import { inclusionProof } from './proof.ts';
import { inSequence, openBatch } from './read-ahead.ts';
import { Relay } from './relay.ts';
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

const defaultPatienceMs = 10_000;

/** The append-only, signed record of everything that happened. One instance per process; many processes may share a store. */
export class Ledger implements AsyncDisposable {
  readonly #chain: Chain;
  readonly #committer: Committer | undefined;
  readonly #relay: Relay | undefined;
  readonly #notary: Notary | undefined;
  readonly #newId: () => string;

  private constructor(chain: Chain, options: LedgerOptions) {
    const { clock, handOver, lingerMs = 0, retry = defaultRetry, patienceMs = defaultPatienceMs, signer } = options;
    const newId = idsFrom(options.random);
    this.#chain = chain;
    this.#newId = newId;
    if (signer !== undefined) {
      this.#committer = new Committer(signer, { chain, clock, newId, lingerMs, retry });
      this.#notary = new Notary(chain, () => this.#writer().signer);
    }
    if (handOver === undefined) return;
    this.#relay = new Relay({ chain, handOver, committer: this.#committer, newId, retry, patienceMs });
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
   * newer one exists; with `size`, only while the ledger has no more entries than that, or with `about` none more that
   * matter to that message. May be called again with the same drafts after `store-unavailable`: what turned out to be in is not written twice. On return `head` includes what was
   * written, or what made the call stale, whichever process committed it.
   * @throws LedgerFault `too-large`, `invalid-entry`, `wrong-key`, `read-only`, `store-unavailable`, `damaged`
   */
  async append(drafts: readonly EntryDraft[], judged: Judged = {}): Promise<AppendOutcome> {
    const writer = this.#relay ?? this.#writer();
    if (drafts.length === 0) return { outcome: 'appended', sequences: [] };
    const checked = drafts.map((draft) => this.#check(draft));
    if (checked.some(({ kind }) => kind === 'epoch' || kind === 'key-rotated')) throw notAppended();
    return await (writer instanceof Relay ? writer.append(checked, judged) : writer.commit(checked, { judged }));
  }

  /**
   * Commits what another process handed over (`HandOver.append`); recognises a call that is in already.
   * @throws LedgerFault as `append` does; `behind`; `committer-unreachable` where the call was aborted
   */
  async commitHanded({ drafts, judged, signal, since }: HandedCall): Promise<AppendOutcome> {
    if (drafts.length === 0 || drafts.some(({ kind }) => kind === 'epoch' || kind === 'key-rotated'))
      throw notAppended();
    if (drafts.every(({ asideHash }) => asideHash === undefined)) throw notRecognisable();
    return await this.#writer().commit(drafts, { judged, since, ...(signal === undefined ? {} : { signal }) });
  }

  /**
   * The newest batches, from the one that begins at `from` on, as they lie in the store; none where not all are in memory,
   * and not more than fit into `bytesMax`.
   */
  recentBatches(from: number, bytesMax: number): readonly SentBatch[] {
    const sent: SentBatch[] = [];
    let bytes = 0;
    for (const batch of this.#chain.recentFrom(from) ?? []) {
      bytes += batch.bytes.length;
      if (bytes > bytesMax) break;
      sent.push({ first: batch.first, bytes: batch.bytes });
    }
    return sent;
  }

  /**
   * Batches that have entries in `[from, to)`, whole, ascending; up to the head at the time of the call when `to` is absent.
   * @throws LedgerFault `damaged`
   */
  async *read(from: number, to = this.#chain.size): AsyncIterable<LedgerBatch> {
    const end = Math.min(to, this.#chain.size);
    for (let at = from < end ? await this.#chain.firstOfBatchWith(from) : end; at < end;) {
      const recent = this.#chain.recent(at);
      for await (const batch of recent === undefined ? this.#stored(at, end) : [await recent.decoded()]) {
        yield batch;
        at = batch.first + batch.entries.length;
      }
    }
  }

  /** One entry. @throws LedgerFault `not-found`, `damaged` */
  async entry(sequence: number): Promise<Entry> {
    const first = await this.#batchWith(sequence);
    const recent = await this.#chain.recent(first)?.decoded();
    if (recent !== undefined) return recent.entries[sequence - first] ?? missing(sequence);
    const batch = await openBatch(this.#chain.reader, first);
    await this.#chain.reader.headAfterAlone(batch);
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
    await this.#relay?.drained();
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

  /** Batches from the one at `first` on, up to those in memory: read ahead, since a far store answers slowly. */
  async *#stored(first: number, end: number): AsyncIterable<LedgerBatch> {
    const { reader } = this.#chain;
    let before: Head | undefined = first === 0 ? emptyHead : undefined;
    for await (const batch of inSequence(reader, first, this.#chain.storedFirsts(first, end))) {
      before = before === undefined ? await reader.headAfterAlone(batch) : headAfterChecked(before, outlined(batch));
      yield ledgerBatch(batch);
    }
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

function notRecognisable(): LedgerFault {
  return new LedgerFault(
    'invalid-entry',
    'a call without any salt cannot be recognised, and is not taken from others',
    {
      remedy: 'Run the same version of the program in all processes.',
    },
  );
}

function missing(sequence: number): never {
  throw new LedgerFault('not-found', `the ledger has no entry ${sequence}`, { remedy: 'Check the sequence.' });
}
