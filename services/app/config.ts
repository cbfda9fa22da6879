import { resolve } from 'node:path';
import { Cron } from 'croner';
import { z } from 'zod';
import { ConnectPolicy } from '#ingest';
import { messageOf } from '#kernel';
import { querySecondsDefault } from '#reading';
import { TimeZone } from '#search';
import {
  archivePlaceOf,
  type ArchivePlace,
  folderOf,
  invalid,
  queuePlaceOf,
  type QueuePlace,
  searchPlaceOf,
  type SearchPlace,
} from './store-urls.ts';

/** Everything that the environment decides, read once. */
export interface Config {
  readonly archive: ArchivePlace;
  readonly search: SearchPlace;
  readonly queue: QueuePlace;
  /**
   * What this process alone keeps: catalog, lock, socket, temporary files; absolute. For an archive in a folder, that folder.
   */
  readonly stateFolder: string;
  readonly secretsFolder: string;
  /** What connectors may reach: CIDRs and names; undefined: public addresses only. */
  readonly connectAllow: string | undefined;
  readonly listen: { readonly host: string; readonly port: number };
  /** Where a committer listens for other processes, and what address they are told if not that one. */
  readonly committer: { readonly host: string; readonly port: number; readonly announced: string | undefined };
  readonly tls: { readonly certificateFile: string; readonly keyFile: string } | undefined;
  /** How often `serve` runs every source; undefined: only when asked. */
  readonly collectEverySeconds: number;
  /** How much work of the search index one query may be. */
  readonly querySeconds: number;
  readonly timeZone: TimeZone;
  readonly backup: { readonly to: string; readonly cron: string } | undefined;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

const port = z.coerce.number().int().min(0).max(65_535);

const environment = z.object({
  ARCHIVE_URL: z.string().default('file:./data'),
  SEARCH_URL: z.string().optional(),
  QUEUE_URL: z.string().optional(),
  STATE_DIR: z.string().optional(),
  SECRETS_DIR: z.string().optional(),
  CONNECT_ALLOW: z.string().optional(),
  LISTEN_HOST: z.string().min(1).default('127.0.0.1'),
  LISTEN_PORT: port.default(8640),
  COMMITTER_HOST: z.string().min(1).default('127.0.0.1'),
  COMMITTER_PORT: port.default(0),
  COMMITTER_URL: z.url({ protocol: /^http$/u }).optional(),
  TLS_CERT_FILE: z.string().optional(),
  TLS_KEY_FILE: z.string().optional(),
  COLLECT_EVERY_SECONDS: z.coerce.number().int().min(5).max(86_400).default(300),
  QUERY_SECONDS: z.coerce.number().int().min(1).max(3600).default(querySecondsDefault),
  TIME_ZONE: z.string().default('UTC'),
  BACKUP_TO: z.string().optional(),
  BACKUP_CRON: z.string().optional(),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

/** @throws AppFault `configuration-invalid`, naming the variable */
export function readConfig(env: Readonly<Record<string, string | undefined>>, archiveUrl?: string): Config {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const read = environment.safeParse(present);
  if (!read.success) {
    const issue = read.error.issues[0];
    throw invalid(String(issue?.path[0] ?? 'environment'), issue?.message ?? 'invalid');
  }
  const values = read.data;
  const named = archiveUrl === undefined ? 'ARCHIVE_URL' : '--archive';
  const archive = archivePlaceOf(archiveUrl ?? values.ARCHIVE_URL, named);
  const stateFolder = stateFolderOf(archive, values.STATE_DIR);
  return {
    archive,
    search: searchPlaceOf(values.SEARCH_URL),
    queue: queuePlaceOf(values.QUEUE_URL),
    stateFolder,
    secretsFolder: secretsFolderOf(archive, values.SECRETS_DIR),
    connectAllow: checkedAllow(values.CONNECT_ALLOW),
    listen: { host: values.LISTEN_HOST, port: values.LISTEN_PORT },
    committer: { host: values.COMMITTER_HOST, port: values.COMMITTER_PORT, announced: values.COMMITTER_URL },
    tls: tlsOf(values),
    collectEverySeconds: values.COLLECT_EVERY_SECONDS,
    querySeconds: values.QUERY_SECONDS,
    timeZone: timeZoneOf(values.TIME_ZONE),
    backup: backupOf(values),
    logLevel: values.LOG_LEVEL,
  };
}

function timeZoneOf(name: string): TimeZone {
  try {
    return new TimeZone(name);
  } catch {
    throw invalid('TIME_ZONE', `${name} is no time zone; write one like Europe/Berlin, America/New_York or UTC`);
  }
}

function stateFolderOf(archive: ArchivePlace, given: string | undefined): string {
  if (archive.kind === 's3') return resolve(given ?? 'state');
  if (given === undefined || resolve(given) === archive.folder) return archive.folder;
  throw invalid('STATE_DIR', 'an archive in a folder keeps everything in it; STATE_DIR is for archives in a bucket');
}

function secretsFolderOf(archive: ArchivePlace, given: string | undefined): string {
  if (given !== undefined) return resolve(given);
  if (archive.kind === 'folder') return resolve(archive.folder, 'secrets');
  throw invalid('SECRETS_DIR', 'an archive in a bucket needs a folder for the signing key, which must not be lost');
}

function tlsOf(values: z.infer<typeof environment>): Config['tls'] {
  const { TLS_CERT_FILE: certificateFile, TLS_KEY_FILE: keyFile } = values;
  if (certificateFile === undefined && keyFile === undefined) return undefined;
  if (certificateFile === undefined) throw invalid('TLS_CERT_FILE', 'it is needed as well as TLS_KEY_FILE');
  if (keyFile === undefined) throw invalid('TLS_KEY_FILE', 'it is needed as well as TLS_CERT_FILE');
  return { certificateFile, keyFile };
}

function backupOf(values: z.infer<typeof environment>): Config['backup'] {
  const { BACKUP_TO: to, BACKUP_CRON: cron } = values;
  if (to === undefined && cron === undefined) return undefined;
  if (to === undefined) throw invalid('BACKUP_TO', 'it is needed as well as BACKUP_CRON');
  folderOf(to, 'BACKUP_TO');
  return { to, cron: checkedCron(cron ?? '15 2 * * *') };
}

function checkedAllow(list: string | undefined): string | undefined {
  try {
    ConnectPolicy.parse(list);
    return list;
  } catch (cause) {
    throw invalid('CONNECT_ALLOW', messageOf(cause));
  }
}

function checkedCron(expression: string): string {
  try {
    new Cron(expression, { paused: true }).stop();
    return expression;
  } catch (cause) {
    throw invalid('BACKUP_CRON', `"${expression}" is not a cron expression (${messageOf(cause)})`);
  }
}
