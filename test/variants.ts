import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandPath } from '../scripts/command-path.ts';
import { serverFromEnvironment } from '../scripts/services/environment.ts';
import type { ServerName } from '../scripts/services/recipe.ts';
import { notInstalled } from '../scripts/services/recipes.ts';
import { sharedServersVariable } from '../scripts/services/shared-servers.ts';
import { archiveOf, corporaFolder, corpusNames } from './corpora.ts';

/**
 * What some tests need beyond Node: the one list. `npm test` prints it first; a test that needs one of these names it by
 * `describeVariant` (test/describe-variant.ts), and is skipped, visibly, where it is not there. With
 * MUNIMENT_REQUIRE_VARIANTS=all (or a comma-separated list of names) an absent one is a failure.
 */
export interface Variant {
  readonly what: string;
  /** Why it cannot run here, or undefined when it can. */
  readonly unavailable: () => string | undefined;
  /** Not among `all` that MUNIMENT_REQUIRE_VARIANTS may ask for: it is required only by its name. */
  readonly optional?: true;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function corporaUnavailable(): string | undefined {
  const absent = corpusNames.filter((name) => !existsSync(archiveOf(name)));
  if (absent.length === 0) return commandPath('tar') === undefined ? 'the command tar is missing' : undefined;
  return `${corporaFolder()} lacks ${absent.join(', ')}: set CORPORA_DIR`;
}

function dovecotUnavailable(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux';
  const hasImap = ['/usr/lib/dovecot/imap', '/usr/libexec/dovecot/imap'].some((path) => existsSync(path));
  if (commandPath('dovecot') === undefined || !hasImap) return 'not installed: apt-get install dovecot-imapd';
  return isRoot() ? undefined : 'starting it needs root';
}

function tmpfsUnavailable(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux';
  if (!isRoot()) return 'mounting needs root';
  const folder = mkdtempSync(join(tmpdir(), 'muniment-tmpfs-'));
  try {
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { encoding: 'utf8' });
    if (mounted.status !== 0) return `mount refused: ${(mounted.stderr ?? '').trim() || 'no such command'}`;
    spawnSync('umount', [folder]);
    return undefined;
  } finally {
    rmdirSync(folder);
  }
}

/** Root reads everything; without these capabilities it is held to permissions like anybody. */
export const unprivileged: readonly string[] = ['setpriv', '--bounding-set', '-dac_override,-dac_read_search'];

function unprivilegedUnavailable(): string | undefined {
  if (!isRoot()) return undefined;
  const [command = '', ...args] = unprivileged;
  return spawnSync(command, [...args, 'true']).status === 0 ? undefined : 'setpriv cannot drop capabilities here';
}

function commandUnavailable(name: string): () => string | undefined {
  return () => (commandPath(name) === undefined ? `the command ${name} is missing` : undefined);
}

/** A real server (test/servers.ts): installed here, or given by its address, and somebody there to start it. */
function serverUnavailable(name: ServerName): () => string | undefined {
  return () => {
    if (process.env[sharedServersVariable] === undefined) return 'the servers are started by npm test -- FILE';
    return serverFromEnvironment(name) === undefined ? notInstalled(name) : undefined;
  };
}

export const variants = {
  embedded: { what: 'one process, local files and SQLite', unavailable: () => undefined },
  corpora: { what: 'real mail', unavailable: corporaUnavailable },
  dovecot: { what: 'a real IMAP server', unavailable: dovecotUnavailable },
  tmpfs: { what: 'a full disk', unavailable: tmpfsUnavailable },
  sha256sum: { what: 'exports checked by sha256sum alone', unavailable: commandUnavailable('sha256sum') },
  python3: { what: 'proofs checked by the script in an export', unavailable: commandUnavailable('python3') },
  unprivileged: { what: 'files that may not be read', unavailable: unprivilegedUnavailable },
  unzip: { what: 'zips opened by another program', unavailable: commandUnavailable('unzip') },
  openssl: { what: 'TLS with a certificate of its own', unavailable: commandUnavailable('openssl') },
  redis: { what: 'a real Redis', unavailable: serverUnavailable('redis') },
  elasticsearch: { what: 'a real Elasticsearch', unavailable: serverUnavailable('elasticsearch') },
  s3: { what: 'S3 Object Lock: MinIO', unavailable: serverUnavailable('s3') },
  's3-ceph': { what: "Ceph's object gateway and its faults", unavailable: serverUnavailable('s3-ceph') },
  's3-versity': {
    what: "Versity's S3 gateway and its faults",
    unavailable: serverUnavailable('s3-versity'),
    optional: true,
  },
} as const satisfies Readonly<Record<string, Variant>>;

export type VariantName = keyof typeof variants;
export const variantNames: readonly VariantName[] = [
  'embedded',
  'corpora',
  'dovecot',
  'tmpfs',
  'sha256sum',
  'python3',
  'openssl',
  'unprivileged',
  'unzip',
  'redis',
  'elasticsearch',
  's3',
  's3-ceph',
  's3-versity',
];

const known = new Map<VariantName, string | undefined>();

/** Whether a variant can run on this machine, and why not. Asked once per process. */
export function variant(
  name: VariantName,
): { readonly available: true } | { readonly available: false; readonly reason: string } {
  if (!known.has(name)) known.set(name, variants[name].unavailable());
  const reason = known.get(name);
  return reason === undefined ? { available: true } : { available: false, reason };
}

/** Whether the variant is required by its own name only. */
export function isOptional(name: VariantName): boolean {
  const { optional }: Variant = variants[name];
  return optional === true;
}

/** Whether this run must not do without the variant. */
export function isRequired(name: VariantName): boolean {
  const required = (process.env['MUNIMENT_REQUIRE_VARIANTS'] ?? '').split(',').map((word) => word.trim());
  return (required.includes('all') && !isOptional(name)) || required.includes(name);
}
