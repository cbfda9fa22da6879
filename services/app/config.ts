import { fileURLToPath } from 'node:url';
import { isAbsolute, resolve } from 'node:path';
import { Cron } from 'croner';
import { z } from 'zod';
import { ConnectPolicy } from '#ingest';
import { messageOf } from '#kernel';
import { AppFault } from './app-fault.ts';

/** Everything that the environment decides, read once. */
export interface Config {
  /** Folder of the archive, absolute. */
  readonly archiveFolder: string;
  readonly secretsFolder: string;
  /** What connectors may reach: CIDRs and names; undefined: public addresses only. */
  readonly connectAllow: string | undefined;
  readonly listen: { readonly host: string; readonly port: number };
  readonly tls: { readonly certificateFile: string; readonly keyFile: string } | undefined;
  /** How often `serve` runs every source; undefined: only when asked. */
  readonly collectEverySeconds: number;
  readonly backup: { readonly to: string; readonly cron: string } | undefined;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

const port = z.coerce.number().int().min(0).max(65_535);

const environment = z.object({
  ARCHIVE_URL: z.string().default('file:./data'),
  SECRETS_DIR: z.string().optional(),
  CONNECT_ALLOW: z.string().optional(),
  LISTEN_HOST: z.string().min(1).default('127.0.0.1'),
  LISTEN_PORT: port.default(8640),
  TLS_CERT_FILE: z.string().optional(),
  TLS_KEY_FILE: z.string().optional(),
  COLLECT_EVERY_SECONDS: z.coerce.number().int().min(5).max(86_400).default(300),
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
  const archiveFolder = folderOf(
    archiveUrl ?? values.ARCHIVE_URL,
    archiveUrl === undefined ? 'ARCHIVE_URL' : '--archive',
  );
  return {
    archiveFolder,
    secretsFolder: values.SECRETS_DIR === undefined ? resolve(archiveFolder, 'secrets') : resolve(values.SECRETS_DIR),
    connectAllow: checkedAllow(values.CONNECT_ALLOW),
    listen: { host: values.LISTEN_HOST, port: values.LISTEN_PORT },
    tls: tlsOf(values),
    collectEverySeconds: values.COLLECT_EVERY_SECONDS,
    backup: backupOf(values),
    logLevel: values.LOG_LEVEL,
  };
}

/** The folder that a `file:` URL or a plain path names. @throws AppFault `configuration-invalid` */
export function folderOf(url: string, name: string): string {
  const path = pathIn(url, name);
  if (/^[a-z][a-z0-9+.-]+:/iu.test(path)) {
    throw invalid(name, `"${url}" is not a file: URL; this version keeps archives in folders only`);
  }
  if (path === '') throw invalid(name, 'it names no folder');
  return isAbsolute(path) ? path : resolve(path);
}

function pathIn(url: string, name: string): string {
  try {
    if (url.startsWith('file:///') || url.startsWith('file://localhost/')) return fileURLToPath(url);
    return url.startsWith('file:') ? decodeURIComponent(url.slice('file:'.length)) : url;
  } catch (cause) {
    throw invalid(name, `"${url}" is no URL (${messageOf(cause)})`);
  }
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

function invalid(name: string, problem: string): AppFault {
  return new AppFault('configuration-invalid', `${name}: ${problem}.`, { remedy: `Correct ${name} and start again.` });
}
