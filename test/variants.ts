import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
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
}

/** Where a command lies on the path or among the system's own, or undefined. */
export function commandPath(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
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

/** Whether this run must not do without the variant. */
export function isRequired(name: VariantName): boolean {
  const required = (process.env['MUNIMENT_REQUIRE_VARIANTS'] ?? '').split(',').map((word) => word.trim());
  return required.includes('all') || required.includes(name);
}
