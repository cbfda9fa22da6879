import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type BlobStore } from '#archive';
import { Catalog } from '#catalog';
import { Exporter, ExportJobs } from '#export';
import {
  Capture,
  ConnectPolicy,
  Indexing,
  ParsingPool,
  recoverOrphans,
  SourceRegistry,
  type Spool,
  workOnCaptures,
} from '#ingest';
import { Tokens } from '#identity';
import type { JobQueue } from '#jobs';
import { Ledger, type LedgerStore } from '#ledger';
import { HoldJudge, LegalHolds, Matters } from '#matters';
import { type Clock, messageOf, newId, systemClock, Turnstile } from '#kernel';
import { Reading } from '#reading';
import { Disposition, Retention } from '#retention';
import { SearchFault, type SearchIndex } from '#search';
import { FilesystemBlobStore } from '../archive/adapters/filesystem-blob-store.ts';
import { MemorySpool } from '../ingest/adapters/memory-spool.ts';
import { InProcessQueue } from '../jobs/adapters/in-process-queue.ts';
import { FileSigner } from '../ledger/adapters/file-signer.ts';
import { FilesystemLedgerStore } from '../ledger/adapters/filesystem-ledger-store.ts';
import { ThreadedIndex } from '../search/adapters/threaded-index.ts';
import { AppFault } from './app-fault.ts';
import { type ArchiveFolder, archiveFolder, isArchive, prepareFolder } from './archive-folder.ts';
import type { Config } from './config.ts';
import { Followers } from './followers.ts';
import { readRestoredMarker } from './restored-marker.ts';
import { Secrets } from './secrets.ts';
import { TokenFile } from './token-file.ts';

const spoolBytesMax = 64 * 1024 * 1024;

/** One archive, opened: every part of it, put together in one process. */
export interface Deployment extends AsyncDisposable {
  readonly config: Config;
  readonly folder: ArchiveFolder;
  readonly clock: Clock;
  readonly secrets: Secrets;
  readonly archive: BlobStore;
  readonly ledgerStore: LedgerStore;
  readonly ledger: Ledger;
  readonly catalog: Catalog;
  readonly index: SearchIndex;
  readonly recorder: Followers;
  readonly queue: JobQueue;
  readonly spool: Spool;
  readonly sources: SourceRegistry;
  readonly reading: Reading;
  readonly matters: Matters;
  readonly holds: LegalHolds;
  readonly retention: Retention;
  readonly disposition: Disposition;
  readonly exporter: Exporter;
  readonly exports: ExportJobs;
  readonly tokens: Tokens;
  /** Restored and not adopted: everything that would append is refused. */
  readonly readOnly: boolean;
  /** What opening had to mend, one line each. */
  readonly notes: readonly string[];
}

export interface OpenOptions {
  /** Begin an archive where there is none. */
  readonly create: boolean;
  readonly onProgress?: (position: number, of: number) => void;
}

/**
 * Opens the archive of a configuration, finishing what a crash interrupted. Whoever calls it holds the archive's lock.
 * @throws AppFault `no-archive`, `not-an-archive`; the faults of ledger, archive and search
 */
export async function openDeployment(config: Config, options: OpenOptions): Promise<Deployment> {
  const folder = archiveFolder(config.archiveFolder);
  if (!isArchive(folder) && !options.create) throw noArchive(folder);
  prepareFolder(folder);
  await using opening = new AsyncDisposableStack();
  const secrets = new Secrets(config.secretsFolder);
  const stores = await openStores(folder, systemClock);
  opening.use(stores.archive);
  opening.use(stores.ledgerStore);
  const readOnly = isRestored(folder);
  const ledger = opening.use(await openLedger(stores.ledgerStore, secrets, options.create, readOnly));
  const deployment = await assemble(config, folder, secrets, stores, ledger, readOnly, opening);
  await settle(deployment, options);
  const resources = opening.move();
  return { ...deployment, [Symbol.asyncDispose]: () => close(deployment, resources) };
}

/** The two stores that are the state, in a folder: the archive's own, or a backup's. */
export async function openStores(
  folder: ArchiveFolder,
  clock: Clock,
): Promise<{ readonly archive: BlobStore; readonly ledgerStore: LedgerStore }> {
  mkdirSync(folder.derived, { recursive: true, mode: 0o700 });
  const ledgerStore = await FilesystemLedgerStore.open(folder.ledger);
  const archive = await FilesystemBlobStore.open({ root: folder.record, clock, locatorFile: folder.locatorFile });
  return { archive, ledgerStore };
}

async function openLedger(store: LedgerStore, secrets: Secrets, create: boolean, readOnly: boolean): Promise<Ledger> {
  const clock = systemClock;
  if (readOnly) return Ledger.open({ store, clock });
  const isEmpty = (await store.newest()) === undefined;
  const keyFile = secrets.path('signing-key.pem');
  // Only a new ledger gets a new key: a lost one must be noticed, not replaced.
  const isNew = isEmpty && create && !existsSync(keyFile);
  if (!isNew && !existsSync(keyFile)) throw noKey(keyFile);
  secrets.prepare();
  const signer = isNew ? await FileSigner.create(keyFile) : await FileSigner.open(keyFile);
  if (!isEmpty) return Ledger.open({ store, signer, clock });
  return Ledger.create({ store, signer, clock, origin: `muniment/${newId()}`, actor: 'cli' });
}

type Assembled = Omit<Deployment, typeof Symbol.asyncDispose> & { readonly notes: string[] };

async function assemble(
  config: Config,
  folder: ArchiveFolder,
  secrets: Secrets,
  { archive, ledgerStore }: { readonly archive: BlobStore; readonly ledgerStore: LedgerStore },
  ledger: Ledger,
  readOnly: boolean,
  opening: AsyncDisposableStack,
): Promise<Assembled> {
  const clock = systemClock;
  const notes: string[] = [];
  const catalog = opening.use(openCatalog(folder, ledger.head.size, notes));
  const index = opening.use(await openIndex(folder, ledger.head.size, notes));
  const pool = opening.use(new ParsingPool(Math.max(1, Math.min(4, availableParallelism() - 1))));
  const indexing = await Indexing.open({ archive, catalog, index, pool });
  const recorder = new Followers(ledger, catalog, indexing);
  opening.defer(() => recorder.idle());
  const matters = new Matters(recorder);
  const judge = new HoldJudge(catalog);
  const turnstile = new Turnstile();
  const holds = new LegalHolds({ recorder, archive, index, matters, judge, turnstile });
  const retention = new Retention(recorder, archive, turnstile);
  const disposition = new Disposition({ recorder, archive, index, judge, clock, turnstile });
  const capture = new Capture({ recorder, archive, indexing, pool, judge, retention, clock, turnstile });
  for (const path of [folder.spool, folder.exports]) {
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }
  const spool = opening.use(new MemorySpool({ bytesMax: spoolBytesMax }));
  const queue = opening.use(new InProcessQueue({ clock }));
  opening.use(workOnCaptures(queue, spool, capture));
  const policy = ConnectPolicy.parse(config.connectAllow);
  const sourceParts = { recorder, passwords: secrets, queue, spool, clock, policy, temporaryFolder: folder.spool };
  const sources = new SourceRegistry({ ...sourceParts, pollSeconds: config.collectEverySeconds });
  const reading = new Reading(recorder, archive, index);
  const exporter = new Exporter({ recorder, archive, index });
  const exports = opening.use(new ExportJobs({ exporter, catalog, queue, clock, folder: folder.exports }));
  const tokens = new Tokens(recorder, new TokenFile(secrets));
  const stores = { archive, ledgerStore, ledger, catalog, index, recorder, queue, spool };
  const domains = { sources, reading, matters, holds, retention, disposition, exporter, exports, tokens };
  return { config, folder, clock, secrets, ...stores, ...domains, readOnly, notes };
}

/** Follows the ledger to its end, then finishes what a crash interrupted: orphans, disposals, sweeps. */
async function settle(deployment: Assembled, options: OpenOptions): Promise<void> {
  const { recorder, archive, ledger, disposition, holds, retention, folder, readOnly } = deployment;
  await recorder.catchUp(options.onProgress);
  if (readOnly) return;
  await ledger.eraseOrphanedSidecars();
  const crashed = existsSync(openMarker(folder));
  const recover = () => (crashed ? recoverOrphans({ recorder, archive, retention }) : Promise.resolve(0));
  await mend(deployment, recover, 'stored messages without an entry were recorded as recovered');
  await mend(deployment, () => disposition.finish(), 'interrupted disposals were finished');
  await mend(deployment, () => holds.finishSweeps(), 'interrupted hold sweeps were finished');
  const lengthen = () => (crashed ? retention.finish() : Promise.resolve(0));
  await mend(deployment, lengthen, 'messages were protected in storage as long as the schedule demands');
  writeFileSync(openMarker(folder), '');
}

/** What cannot be mended now is said and tried again at the next opening; it does not keep the archive from being used. */
async function mend({ notes }: Assembled, work: () => Promise<number>, what: string): Promise<void> {
  try {
    const count = await work();
    if (count > 0) notes.push(`${count} ${what}`);
  } catch (fault) {
    notes.push(`not yet done (${what}): ${messageOf(fault)}`);
  }
}

async function close(deployment: Assembled, resources: AsyncDisposableStack): Promise<void> {
  await rememberHead(deployment);
  await resources.disposeAsync();
  rmSync(openMarker(deployment.folder), { force: true });
}

/**
 * Has the signer remember how long the ledger is: from then on a ledger that was cut is refused. Where that is not
 * possible now (a full disk), the next time will do.
 */
export async function rememberHead({
  ledger,
  catalog,
  readOnly,
}: Omit<Deployment, typeof Symbol.asyncDispose>): Promise<void> {
  if (readOnly) return;
  await ledger.checkpoint(catalog.tiles, catalog.position()).catch(() => undefined);
}

/** @throws AppFault `no-archive` while a restore has not ended */
function isRestored(folder: ArchiveFolder): boolean {
  const marker = readRestoredMarker(folder);
  if (marker?.state !== 'copying') return marker !== undefined;
  throw new AppFault('no-archive', `The restore into ${folder.root} was interrupted.`, {
    remedy: `Complete it: muniment restore --from ${marker.from}`,
  });
}

/** Present from opening to closing: found at the next opening, it tells of a crash. */
function openMarker(folder: ArchiveFolder): string {
  return join(folder.run, 'open');
}

/** A catalog ahead of the ledger belongs to another history; it is derived, so it goes. */
function openCatalog(folder: ArchiveFolder, ledgerSize: number, notes: string[]): Catalog {
  const catalog = Catalog.open(folder.catalogFile);
  if (catalog.position() <= ledgerSize) return catalog;
  catalog[Symbol.dispose]();
  Catalog.remove(folder.catalogFile);
  notes.push('the catalog did not fit the ledger and is built anew');
  return Catalog.open(folder.catalogFile);
}

async function openIndex(folder: ArchiveFolder, ledgerSize: number, notes: string[]): Promise<ThreadedIndex> {
  try {
    const index = ThreadedIndex.open(folder.indexFile);
    if ((await index.position()) <= ledgerSize) return index;
    await index[Symbol.asyncDispose]();
  } catch (fault) {
    const derived = fault instanceof SearchFault && (fault.code === 'index-damaged' || fault.code === 'index-outdated');
    if (!derived) throw fault;
  }
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${folder.indexFile}${suffix}`, { force: true });
  notes.push('the search index was damaged, outdated or of another ledger, and is built anew');
  return ThreadedIndex.open(folder.indexFile);
}

function noKey(keyFile: string): AppFault {
  return new AppFault('secret-missing', `The archive's signing key is not at ${keyFile}.`, {
    remedy:
      'Check SECRETS_DIR, or put the key back from where it is kept. If it is lost for good: restore a backup into a new folder and adopt it.',
  });
}

function noArchive(folder: ArchiveFolder): AppFault {
  return new AppFault('no-archive', `There is no archive in ${folder.root}.`, {
    remedy: 'Import something (`muniment import PATH`), or name the archive with --archive or ARCHIVE_URL.',
  });
}
