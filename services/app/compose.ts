import { mkdirSync, rmSync } from 'node:fs';
import { SeparateCatalog } from '#catalog';
import { Exporter, ExportJobs } from '#export';
import { Capture, CaptureTally, ConnectPolicy, SourceRegistry, workOnCaptures } from '#ingest';
import { Tokens } from '#identity';
import { HoldJudge, LegalHolds, Matters, SavedSearches } from '#matters';
import { systemClock, Turnstile } from '#kernel';
import { MessageReader, Reading, Searching } from '#reading';
import { Disposition, Retention } from '#retention';
import { InProcessQueue } from '../jobs/adapters/in-process-queue.ts';
import { AppFault } from './app-fault.ts';
import { type ArchiveFolder, foldersOf, isArchive, marker, prepareFolder, workingFolder } from './archive-folder.ts';
import type { Config } from './config.ts';
import type { Deployment, OpenOptions, Parts } from './deployment.ts';
import { openDerived } from './derived.ts';
import { openHandOver } from './hand-over.ts';
import { openLedger } from './open-ledger.ts';
import { placeOf } from './outside-archive.ts';
import { readRestoredMarker } from './restored-marker.ts';
import { Secrets } from './secrets.ts';
import { markClosed, settle } from './settle.ts';
import { openStores } from './open-stores.ts';
import { StorageStanding } from './storage-standing.ts';
import { folderOf } from './store-urls.ts';
import type { Stores } from './stores.ts';
import { TokenFile } from './token-file.ts';
import { dampened } from './troubles.ts';
import { openWorkPlaces } from './open-work-places.ts';

/**
 * Opens the archive of a configuration, finishing what a crash interrupted. Whoever calls it holds the archive's lock.
 * @throws AppFault `no-archive`, `not-an-archive`; the faults of ledger, archive and search
 */
export async function openDeployment(config: Config, options: OpenOptions): Promise<Deployment> {
  const folder = workingFolder(config);
  if (!isArchive(folder) && !options.create) throw noArchive(folder);
  prepareFolder(folder);
  await using opening = new AsyncDisposableStack();
  const stores = opening.use(await openStores(config.archive, folder, systemClock));
  const deployment = await assemble(config, folder, stores, options, opening);
  if (options.captures ?? true) deployment.startCapturing();
  await settle(deployment, options);
  const resources = opening.move();
  return { ...deployment, [Symbol.asyncDispose]: () => close(deployment, resources) };
}

/** What no import takes for mail. */
function ownFolders({ secretsFolder, backup }: Config, folder: ArchiveFolder): readonly string[] {
  const backups = backup === undefined ? [] : [folderOf(backup.to, 'BACKUP_TO')];
  return [...foldersOf(folder), secretsFolder, ...backups].map(placeOf);
}

async function assemble(
  config: Config,
  folder: ArchiveFolder,
  stores: Stores,
  { create, onTrouble = () => undefined }: OpenOptions,
  opening: AsyncDisposableStack,
): Promise<Parts> {
  const clock = systemClock;
  const notes: string[] = [];
  const secrets = new Secrets(config.secretsFolder);
  const isShared = config.archive.kind === 's3' && config.queue.kind === 'redis';
  const readOnly = isRestored(folder);
  clearTemporary(folder);
  const places = await openWorkPlaces({ config, folder, clock, onTrouble: dampened(clock, onTrouble) }, opening);
  const handing = isShared && !readOnly ? openHandOver(places.leases, secrets, opening) : undefined;
  const handOver = handing?.handOver;
  const ledger = opening.use(await openLedger(stores.ledgerStore, secrets, { create, readOnly, handOver }));
  const derived = await openDerived({ config, folder, stores, ledger, isShared, notes }, opening);
  const { catalog, index, recorder, indexing, pool, rereading } = derived;
  const { archive } = stores;
  const { queue, spool } = places;
  const matters = new Matters(recorder);
  const { timeZone } = config;
  const savedSearches = new SavedSearches(recorder, matters, timeZone);
  const judge = new HoldJudge(catalog);
  const turnstile = new Turnstile();
  const holds = new LegalHolds({ recorder, archive, index, matters, judge, turnstile, timeZone });
  const retention = new Retention(recorder, archive, turnstile);
  const truth = opening.use(new SeparateCatalog(ledger));
  const disposing = { recorder, archive, index, contents: rereading, truth, clock, turnstile };
  const disposition = new Disposition(disposing);
  const capture = new Capture({ recorder, archive, indexing, pool, judge, retention, clock, turnstile });
  const policy = ConnectPolicy.parse(config.connectAllow);
  const own = { folders: ownFolders(config, folder), marker };
  const sourceParts = { recorder, passwords: secrets, queue, spool, clock, policy, temporaryFolder: folder.spool, own };
  const sources = new SourceRegistry({ ...sourceParts, pollSeconds: config.collectEverySeconds });
  const reader = opening.use(new MessageReader(archive));
  const reading = new Reading(recorder, archive, reader);
  const searching = new Searching(recorder, reader, index, config);
  const exporter = new Exporter({ recorder, truth, archive, index, timeZone });
  // Finished exports lie in this process's folder, so no other process may make them.
  const ownQueue = opening.use(new InProcessQueue({ clock }));
  const exports = opening.use(new ExportJobs({ exporter, catalog, queue: ownQueue, clock, folder: folder.exports }));
  const tokens = new Tokens(recorder, new TokenFile(secrets));
  const captured = new CaptureTally();
  const capturing = opening.use(new AsyncDisposableStack());
  const facts = { config, folder, clock, secrets, readOnly, notes, isShared };
  const keeping = { archive, ledgerStore: stores.ledgerStore, ...places, ledger, truth, ...derived };
  const cases = { matters, savedSearches, holds, retention, disposition };
  const domains = { sources, reading, searching, ...cases, exporter, exports, tokens };
  return {
    ...facts,
    ...keeping,
    ...domains,
    storageStanding: new StorageStanding({ recorder, archive, clock, place: config.archive, readOnly }),
    captured,
    handOverSecret: handing?.secret,
    ownAddresses: handing?.ownAddresses ?? new Set(),
    startCapturing: () => void capturing.use(workOnCaptures({ queue, spool, capture, tally: captured })),
  };
}

/** What earlier processes left there belongs to nobody. */
function clearTemporary(folder: ArchiveFolder): void {
  for (const path of [folder.spool, folder.exports]) {
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }
}

async function close(deployment: Parts, resources: AsyncDisposableStack): Promise<void> {
  // Of what was read there is an entry that nothing has waited to see folded.
  await deployment.recorder.fold().catch(() => undefined);
  await rememberHead(deployment);
  await resources.disposeAsync();
  markClosed(deployment.folder);
}

/**
 * Has the signer remember how long the ledger is, as far as it is folded: from then on a ledger that was cut is refused.
 * Where that is not possible now (a full disk), the next time will do.
 */
export async function rememberHead({
  ledger,
  catalog,
  readOnly,
}: Pick<Deployment, 'ledger' | 'catalog' | 'readOnly'>): Promise<void> {
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

function noArchive(folder: ArchiveFolder): AppFault {
  return new AppFault('no-archive', `There is no archive in ${folder.root}.`, {
    remedy: 'Import something (`muniment import PATH`), or name the archive with --archive or ARCHIVE_URL.',
  });
}
