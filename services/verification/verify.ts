import type { BlobStore } from '#archive';
import type { Catalog } from '#catalog';
import type { Clock, Digest } from '#kernel';
import type { LedgerStore, TreeHead } from '#ledger';
import type { SearchIndex } from '#search';
import { ArchiveFindings } from './archive-findings.ts';
import { CatalogFindings } from './catalog-findings.ts';
import type { Finding } from './finding.ts';
import { FoldedLedger } from './folded-ledger.ts';
import { type ArchivedMessages, IndexFindings } from './index-findings.ts';
import { readLedger } from './ledger-findings.ts';

export interface VerificationParts {
  readonly ledgerStore: LedgerStore;
  readonly archive: BlobStore;
  readonly clock: Clock;
  /** Derived state, compared where it is given: of a backup there is none. */
  readonly catalog?: Catalog | undefined;
  readonly index?: SearchIndex | undefined;
  /** Entries of the ledger that both were brought up to: what other processes commit after that is not expected of them. */
  readonly followed?: number | undefined;
  /** By which the index's documents are compared with the bytes that are archived, with `full`; without it they are not. */
  readonly messages?: ArchivedMessages | undefined;
}

export type VerificationPhase = 'ledger' | 'fold' | 'scrub' | 'messages' | 'index' | 'catalog';

export interface VerificationProgress {
  readonly phase: VerificationPhase;
  readonly done: number;
  readonly total: number | undefined;
}

export interface VerifyOptions {
  /**
   * Reads every stored byte, every message through its digest, and what each says anew. Otherwise: presence, size and lock
   * of each.
   */
  readonly full: boolean;
  /** What is trusted, as what the signer signed last: the ledger must contain each. Without any, an exact cut is not seen. */
  readonly trusted?: readonly TreeHead[] | undefined;
  /**
   * The text of a checkpoint that was kept elsewhere, its signature not checked: the ledger must contain it too.
   * Iterating throws LedgerFault `invalid-checkpoint` where it is none.
   */
  readonly checkpoint?: string | undefined;
  readonly onProgress?: ((progress: VerificationProgress) => void) | undefined;
}

/** What was verified, once the iteration has ended. */
export interface Summary {
  readonly entries: number;
  /** Archived now, and their bytes, by the ledger. */
  readonly messages: number;
  readonly bytes: number;
  readonly root: string;
  readonly findings: number;
}

/**
 * Checks ledger, archive, index and catalog, each against the bytes of the ledger. Iterating yields each fault, and never
 * stops at the first; it throws only where it cannot go on at all (a store that cannot be reached). Nothing is changed.
 */
export function verify(parts: VerificationParts, options: VerifyOptions): Verification {
  return new Verification(parts, options);
}

export class Verification implements AsyncIterable<Finding> {
  readonly #parts: VerificationParts;
  readonly #options: VerifyOptions;
  #summary: Summary = { entries: 0, messages: 0, bytes: 0, root: '', findings: 0 };

  constructor(parts: VerificationParts, options: VerifyOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  get summary(): Summary {
    return this.#summary;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Finding> {
    let findings = 0;
    for await (const finding of this.#run()) {
      findings += 1;
      yield finding;
    }
    this.#summary = { ...this.#summary, findings };
  }

  async *#run(): AsyncGenerator<Finding> {
    const { ledgerStore, clock } = this.#parts;
    this.#report('ledger', 0);
    const reading = await readLedger(ledgerStore, this.#options);
    yield* reading.findings;
    await using truth = await FoldedLedger.open(ledgerStore, clock);
    yield* this.#catalog(truth, this.#atMostFollowed(reading.summary.size));
    await truth.catchUp({ onProgress: this.#folding });
    if (!truth.isWhole) yield notCompared(truth.position);
    const { root, size } = reading.summary;
    this.#summary = { ...this.#summary, entries: size, root, ...archivedIn(truth.catalog) };
    const expected = this.#atMostFollowed(truth.position);
    for await (const sequence of truth.unerased()) yield notErased(sequence);
    for (const digest of truth.catalog.messages.archivedTwice()) yield archivedTwice(digest);
    yield* this.#archive(truth);
    yield* this.#index(truth, expected);
  }

  async *#archive(truth: FoldedLedger): AsyncGenerator<Finding> {
    const archive = new ArchiveFindings(this.#parts.archive, truth, {
      now: this.#parts.clock.now(),
      full: this.#options.full,
    });
    if (this.#options.full) this.#report('scrub', 0);
    yield* archive.scrub();
    const { messages } = truth.catalog.messages.totals();
    yield* archive.messages((done) => this.#report('messages', done, messages));
    if (!truth.isWhole) return;
    yield* archive.orphans();
    yield* archive.orders();
  }

  /** First, where the catalog stands: it may have nobody who folds into it what is committed meanwhile. */
  async *#catalog(truth: FoldedLedger, expected: number): AsyncGenerator<Finding> {
    const { catalog } = this.#parts;
    if (catalog === undefined || !truth.isWhole) return;
    await truth.catchUp({ to: catalog.position(), onProgress: this.#folding });
    if (!truth.isWhole) return;
    yield* new CatalogFindings(catalog, truth).all(expected, (done) => this.#report('catalog', done));
  }

  async *#index(truth: FoldedLedger, expected: number): AsyncGenerator<Finding> {
    const { index } = this.#parts;
    if (index === undefined) return;
    this.#report('index', 0);
    const messages = this.#options.full ? this.#parts.messages : undefined;
    const onProgress = (done: number, total: number) => this.#report('index', done, total);
    yield* new IndexFindings(index, truth, messages, onProgress).all(expected);
  }

  #atMostFollowed(position: number): number {
    return Math.min(position, this.#parts.followed ?? position);
  }

  readonly #folding = (done: number, total: number): void => this.#report('fold', done, total);

  #report(phase: VerificationPhase, done: number, total?: number): void {
    this.#options.onProgress?.({ phase, done, total });
  }
}

function archivedIn(catalog: Catalog): { messages: number; bytes: number } {
  let [messages, bytes] = [0, 0];
  for (const { size, state } of catalog.messages.range()) {
    if (state !== 'archived') continue;
    messages += 1;
    bytes += size;
  }
  return { messages, bytes };
}

function notCompared(position: number): Finding {
  return {
    code: 'not-compared',
    place: `ledger entry ${position}`,
    problem: 'the ledger cannot be followed from here on: what later entries say of archive and index is not known',
    remedy: 'Put the damaged batch back from a backup, then verify again.',
  };
}

function archivedTwice(digest: Digest): Finding {
  return {
    code: 'archived-twice',
    place: `message ${digest}`,
    problem: 'two generations of it are archived, and the ledger has no disposal of the older one before the newer',
    remedy:
      'Nothing is lost. Find out who wrote to the catalog; where one may be disposed of, `muniment dispose` takes both in turn.',
  };
}

function notErased(sequence: number): Finding {
  return {
    code: 'line-not-erased',
    place: `ledger entry ${sequence}`,
    problem: 'a certificate of disposal says that its sidecar line is erased, and it is still there',
    remedy: 'Find out who put the sidecar back; an old copy of it or of a backup is the likely way.',
  };
}
