import type { BlobStore } from '#archive';
import { Catalog, type MatterRecord, type MessageRecord, SeparateCatalog } from '#catalog';
import {
  Capture,
  type CaptureOutcome,
  Indexing,
  type ParsingPool,
  type Place,
  recoverOrphans,
  Rereading,
} from '#ingest';
import { digestOf, FixedClock, Turnstile } from '#kernel';
import { type Entry, Ledger, type LedgerStore } from '#ledger';
import { HoldJudge, LegalHolds, Matters } from '#matters';
import { Disposition, Retention } from '#retention';
import type { SearchIndex } from '#search';
import { verify } from '#verification';
import { join } from 'node:path';
import { Followers } from '../services/app/followers.ts';
import { MemoryBlobStore } from '../services/archive/adapters/memory-blob-store.ts';
import { MemoryLedgerStore } from '../services/ledger/adapters/memory-ledger-store.ts';
import { MemorySigner } from '../services/ledger/adapters/memory-signer.ts';
import { EmbeddedIndex } from '../services/search/adapters/embedded-index.ts';
import { MemoryIndex } from '../services/search/adapters/memory-index.ts';
import { type Gate, gated } from './crashing-stores.ts';
import { openStores, STARTED_AT } from './whole-archive.ts';

/** What outlives a process: opened anew by each one. */
export interface Medium extends AsyncDisposable {
  readonly clock: FixedClock;
  readonly signer: MemorySigner;
  open(): Promise<{
    readonly archive: BlobStore;
    readonly ledgerStore: LedgerStore;
    readonly index: SearchIndex;
    readonly catalog: Catalog;
  }>;
}

/** Its catalog is lost with each process; its index is kept. */
export class MemoryMedium implements Medium {
  readonly clock = new FixedClock(STARTED_AT);
  readonly signer = new MemorySigner();
  readonly archive = new MemoryBlobStore();
  readonly ledgerStore = new MemoryLedgerStore();
  #index = new MemoryIndex();

  /** The next process finds an empty one. */
  loseIndex(): void {
    this.#index = new MemoryIndex();
  }

  open() {
    const { archive, ledgerStore } = this;
    return Promise.resolve({ archive, ledgerStore, index: this.#index, catalog: Catalog.open(':memory:') });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#index[Symbol.asyncDispose]();
  }
}

/** A folder. What a process that crashed had open is closed at the end only. */
export class FolderMedium implements Medium {
  readonly clock = new FixedClock(STARTED_AT);
  readonly signer = new MemorySigner();
  readonly #root: string;
  readonly #opened = new AsyncDisposableStack();

  constructor(root: string) {
    this.#root = root;
  }

  async open() {
    const { archive, ledgerStore } = this.#opened.use(await openStores(this.#root, this.clock));
    const index = this.#opened.use(EmbeddedIndex.open(join(this.#root, 'derived', 'index.sqlite')));
    const catalog = this.#opened.use(Catalog.open(join(this.#root, 'derived', 'catalog.sqlite')));
    return { archive, ledgerStore, index, catalog };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
  }
}

/** One message as a source shows it. */
export interface Shown {
  readonly bytes: Buffer;
  readonly custodian: string;
  readonly path: string;
}

/** An archive put together as the service does it, over stores whose calls can be stopped, on a medium that outlives it. */
export class GatedArchive {
  readonly medium: Medium;
  readonly archive: BlobStore;
  readonly ledgerStore: LedgerStore;
  readonly index: SearchIndex;
  readonly recorder: Followers;
  readonly matters: Matters;
  readonly holds: LegalHolds;
  readonly retention: Retention;
  readonly disposition: Disposition;
  readonly #capture: Capture;
  readonly #rereading: Rereading;

  private constructor(
    medium: Medium,
    recorder: Followers,
    stores: { readonly archive: BlobStore; readonly ledgerStore: LedgerStore; readonly index: SearchIndex },
    parsing: { readonly indexing: Indexing; readonly pool: ParsingPool },
  ) {
    const { archive, index, ledgerStore } = stores;
    const { clock } = medium;
    const turnstile = new Turnstile();
    const judge = new HoldJudge(recorder.catalog);
    const parts = { recorder, archive, index, judge, clock, turnstile };
    this.medium = medium;
    this.archive = archive;
    this.ledgerStore = ledgerStore;
    this.index = index;
    this.recorder = recorder;
    this.matters = new Matters(recorder);
    this.holds = new LegalHolds({ ...parts, matters: this.matters });
    this.retention = new Retention(recorder, archive, turnstile);
    this.#rereading = new Rereading({ archive, pool: parsing.pool });
    const truth = new SeparateCatalog(recorder.ledger);
    this.disposition = new Disposition({ ...parts, contents: this.#rereading, truth });
    this.#capture = new Capture({ ...parts, ...parsing, retention: this.retention });
  }

  /** Opens it without mending anything. */
  static async open(medium: Medium, pool: ParsingPool, gate: Gate = () => {}): Promise<GatedArchive> {
    const { catalog, ...own } = await medium.open();
    const stores = gated(own, gate);
    const options = { store: stores.ledgerStore, signer: medium.signer, clock: medium.clock };
    const isNew = (await own.ledgerStore.newest()) === undefined;
    const ledger = isNew
      ? await Ledger.create({ ...options, store: own.ledgerStore, origin: 'example.org/archive', actor: 'cli' })
      : await Ledger.open(options);
    // The new ledger was begun behind the gate: what is tested begins with an archive that is there.
    const opened = isNew ? await Ledger.open(options) : ledger;
    const { archive, index } = stores;
    const indexing = await Indexing.open({ archive, catalog, index, pool });
    const recorder = new Followers(opened, catalog, indexing);
    await recorder.catchUp();
    return new GatedArchive(medium, recorder, stores, { indexing, pool });
  }

  /** What the service does at each start after a crash. */
  async mend(): Promise<void> {
    const { recorder, archive, retention } = this;
    await recorder.ledger.eraseOrphanedSidecars();
    await recoverOrphans({ recorder, archive, retention, rereading: this.#rereading, clock: this.medium.clock });
    await this.disposition.finish();
    await this.holds.finishSweeps();
    await this.holds.liftForgotten();
    await retention.finish();
  }

  get catalog(): Catalog {
    return this.recorder.catalog;
  }

  /** As a collection does it: captured, and then indexed. */
  async capture(messages: readonly Shown[]): Promise<CaptureOutcome[]> {
    const items = messages.map(({ bytes, custodian, path }) => {
      const place: Place = { custodian, mailbox: 'inbox', format: 'eml', path };
      const [digest, size] = [digestOf(bytes), bytes.length];
      return { source: 'a'.repeat(32), place, digest, size, content: { bytes }, seenAt: this.medium.clock.now() };
    });
    const outcomes = await this.#capture.capture(items);
    await this.recorder.catchUp();
    return outcomes;
  }

  message(bytes: Buffer): MessageRecord | undefined {
    return this.catalog.messages.byDigest(digestOf(bytes));
  }

  async matter(): Promise<MatterRecord> {
    return this.matters.list()[0] ?? (await this.matters.create({ name: 'harbour', description: '' }, 'cli'));
  }

  async place(query: string): Promise<string> {
    const { id } = await this.matter();
    const { hold } = await this.holds.place({ matter: id, query, reason: 'claim' }, 'cli');
    return hold.id;
  }

  async dispose(bytes: Buffer): Promise<void> {
    const message = this.message(bytes);
    if (message === undefined) throw new Error('it was never captured');
    await this.disposition.dispose(message, 'expired', 'cli');
  }

  /** Every entry, as who opens the ledger now reads it. */
  async entries(): Promise<Entry[]> {
    const ledger = await Ledger.open({ store: this.ledgerStore, clock: this.medium.clock });
    const entries: Entry[] = [];
    for await (const batch of ledger.read(0)) entries.push(...batch.entries);
    return entries;
  }

  async findings(): Promise<string[]> {
    // As the service does first: the index follows in its own time.
    await this.recorder.catchUp();
    const { archive, ledgerStore, index, catalog } = this;
    const found: string[] = [];
    const messages = this.#rereading;
    const parts = { archive, ledgerStore, index, catalog, clock: this.medium.clock, messages };
    for await (const { code, place, problem } of verify(parts, { full: true }))
      found.push(`${code} ${place}: ${problem}`);
    return found;
  }
}
