import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { BlobStore } from '#archive';
import type { StoredArchive } from '#backup';
import { Catalog, type MessageRecord, SeparateCatalog } from '#catalog';
import { Exporter } from '#export';
import { Capture, type CaptureOutcome, Indexing, ParsingPool, Rereading } from '#ingest';
import { digestOf, FixedClock, Turnstile } from '#kernel';
import { Ledger, type LedgerStore } from '#ledger';
import { HoldJudge, LegalHolds, Matters, SavedSearches } from '#matters';
import { MessageReader } from '#reading';
import { Disposition, Retention } from '#retention';
import { Followers } from '../services/app/followers.ts';
import { FilesystemBlobStore } from '../services/archive/adapters/filesystem-blob-store.ts';
import { FileSigner } from '../services/ledger/adapters/file-signer.ts';
import { FilesystemLedgerStore } from '../services/ledger/adapters/filesystem-ledger-store.ts';
import { EmbeddedIndex } from '../services/search/adapters/embedded-index.ts';

/** 2026-01-05T09:00:00Z, the time of every archive in tests until it is moved. */
export const STARTED_AT = Date.UTC(2026, 0, 5, 9);

/** A folder that is removed with all that is in it. */
export class TemporaryFolder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<TemporaryFolder> {
    return new TemporaryFolder(await mkdtemp(join(tmpdir(), 'muniment-test-')));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

/** The two stores of an archive or of a backup in a folder, with small segments so that there are several. */
export async function openStores(root: string, clock = new FixedClock(STARTED_AT)): Promise<OpenStores> {
  await mkdir(join(root, 'archive'), { recursive: true });
  await mkdir(join(root, 'derived'), { recursive: true });
  const archive = await FilesystemBlobStore.open({
    root: join(root, 'archive'),
    clock,
    locatorFile: join(root, 'derived', 'locator.sqlite'),
    identityFile: join(root, 'storage.id'),
    segmentBytesMax: 20_000,
  });
  const ledgerStore = await FilesystemLedgerStore.open(join(root, 'ledger'));
  return {
    archive,
    ledgerStore,
    async [Symbol.asyncDispose]() {
      await archive[Symbol.asyncDispose]();
      await ledgerStore[Symbol.asyncDispose]();
    },
  };
}

export type OpenStores = StoredArchive & AsyncDisposable;

/** A small message; the same number gives the same bytes. */
export function letter(number: number, words = ''): Buffer {
  const body = `Letter ${number} about the harbour. ${words} ${`line ${number} `.repeat(number % 60)}`;
  return Buffer.from(
    `From: Ada <ada@example.org>\r\nTo: Ben <ben@example.org>\r\nSubject: letter ${number}\r\n` +
      `Message-ID: <${number}@example.org>\r\nDate: Mon, 5 Jan 2026 09:00:00 +0000\r\n\r\n${body}\r\n`,
  );
}

/** A whole archive on a filesystem, put together as the service does it. */
export class WholeArchive implements AsyncDisposable {
  readonly root: string;
  readonly clock: FixedClock;
  readonly archive: BlobStore;
  readonly ledgerStore: LedgerStore;
  readonly recorder: Followers;
  readonly truth: SeparateCatalog;
  readonly index: EmbeddedIndex;
  readonly matters: Matters;
  readonly savedSearches: SavedSearches;
  readonly holds: LegalHolds;
  readonly retention: Retention;
  readonly disposition: Disposition;
  readonly exporter: Exporter;
  readonly rereading: Rereading;
  readonly reader: MessageReader;
  readonly #capture: Capture;
  readonly #resources: AsyncDisposableStack;

  private constructor(
    root: string,
    clock: FixedClock,
    stores: OpenStores,
    recorder: Followers,
    indexing: Indexing,
    index: EmbeddedIndex,
    pool: ParsingPool,
    resources: AsyncDisposableStack,
  ) {
    const { archive, ledgerStore } = stores;
    this.root = root;
    this.clock = clock;
    this.archive = archive;
    this.ledgerStore = ledgerStore;
    this.recorder = recorder;
    this.truth = resources.use(new SeparateCatalog(recorder.ledger));
    this.index = index;
    this.matters = new Matters(recorder);
    this.savedSearches = new SavedSearches(recorder, this.matters);
    const judge = new HoldJudge(recorder.catalog);
    const turnstile = new Turnstile();
    this.holds = new LegalHolds({ recorder, archive, index, matters: this.matters, judge, turnstile });
    this.retention = new Retention(recorder, archive, turnstile);
    this.rereading = new Rereading({ archive, pool });
    this.reader = resources.use(new MessageReader(archive));
    const { truth } = this;
    const disposing = { recorder, archive, index, contents: this.rereading, truth, clock, turnstile };
    this.disposition = new Disposition(disposing);
    this.exporter = new Exporter({ recorder, truth, archive, index });
    this.#capture = new Capture({
      recorder,
      archive,
      indexing,
      pool,
      judge,
      retention: this.retention,
      clock,
      turnstile,
    });
    this.#resources = resources;
  }

  /** Opens the archive in `root`, or begins one. The signing key lies beside the state, as `key.pem`. */
  static async open(root: string): Promise<WholeArchive> {
    const clock = new FixedClock(STARTED_AT);
    await using opening = new AsyncDisposableStack();
    const stores = opening.use(await openStores(root, clock));
    const ledger = opening.use(await openLedger(root, stores.ledgerStore, clock));
    const catalog = opening.use(Catalog.open(join(root, 'derived', 'catalog.sqlite')));
    const index = opening.use(EmbeddedIndex.open(join(root, 'derived', 'index.sqlite')));
    const pool = opening.use(new ParsingPool(1));
    const indexing = await Indexing.open({ archive: stores.archive, catalog, index, pool });
    const recorder = new Followers(ledger, catalog, indexing);
    await recorder.catchUp();
    return new WholeArchive(root, clock, stores, recorder, indexing, index, pool, opening.move());
  }

  get catalog(): Catalog {
    return this.recorder.catalog;
  }

  /** Captures messages of one custodian; the path of each is its number. */
  async capture(messages: readonly Buffer[], custodian = 'ada'): Promise<CaptureOutcome[]> {
    const items = messages.map((bytes) => ({
      source: 'a'.repeat(32),
      place: { custodian, mailbox: 'inbox', format: 'eml' as const, path: `${custodian}/${digestOf(bytes)}.eml` },
      digest: digestOf(bytes),
      size: bytes.length,
      content: { bytes },
      seenAt: this.clock.now(),
    }));
    return this.#capture.capture(items);
  }

  message(bytes: Buffer): MessageRecord {
    const found = this.catalog.messages.byDigest(digestOf(bytes));
    if (found === undefined) throw new Error('the message was not captured');
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

async function openLedger(root: string, store: LedgerStore, clock: FixedClock): Promise<Ledger> {
  const file = join(root, 'key.pem');
  const signer = existsSync(file) ? await FileSigner.open(file) : await FileSigner.create(file);
  if ((await store.newest()) !== undefined) return Ledger.open({ store, signer, clock });
  return Ledger.create({ store, signer, clock, origin: 'example.org/archive', actor: 'cli' });
}

/** Changes a derived file behind the service's back. */
export function alter(file: string, change: string): void {
  // As somebody would who has the file: SQLite's own guards are not theirs.
  const db = new DatabaseSync(file, { defensive: false });
  db.exec(change);
  db.close();
}

const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** Files below a folder in which a text stands, also where it is compressed. */
export async function filesWith(folder: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    if (readings(bytes).some((reading) => reading.includes(text))) found.push(path);
  }
  return found;
}

/** The bytes as they are, unpacked if they are gzip, and each zstd frame that begins somewhere in them. */
function readings(bytes: Buffer): Buffer[] {
  const all = [bytes];
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) all.push(gunzipSync(bytes));
  for (let at = bytes.indexOf(ZSTD_MAGIC); at >= 0; at = bytes.indexOf(ZSTD_MAGIC, at + 1)) {
    const unpacked = firstFrame(bytes.subarray(at));
    if (unpacked !== undefined) all.push(unpacked);
  }
  return all;
}

function firstFrame(bytes: Buffer): Buffer | undefined {
  try {
    return zstdDecompressSync(bytes);
  } catch {
    return undefined;
  }
}
