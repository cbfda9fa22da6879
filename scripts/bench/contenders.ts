import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { cleanEnvironment, program } from '../program.ts';
import { measured, type Measured } from './measured-process.ts';

const sum = z.object({ found: z.number(), captured: z.number(), alreadyArchived: z.number(), failed: z.number() });

export interface ImportRun extends Omit<Measured, 'stdout'> {
  readonly found: number;
  readonly captured: number;
}

/** `muniment import` into a new archive, by the program itself. */
export async function importRun(corpus: string, archive: string, signal: AbortSignal): Promise<ImportRun> {
  const words = [...program, 'import', corpus, '--json', '--archive', `file:${archive}`];
  const { stdout, ...run } = await measured(words, { signal, env: cleanEnvironment() });
  const { found, captured, alreadyArchived, failed } = sum.parse(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''));
  if (found !== captured + alreadyArchived + failed) throw new Error('The sum of the import does not come out.');
  return { ...run, found, captured };
}

/** A program that indexes a Maildir, to compare with. */
export interface Contender {
  readonly name: string;
  /** As it says itself. */
  readonly version: string;
  run(maildir: string, scratch: string, signal: AbortSignal): Promise<Measured>;
}

/** Those that are installed here, and the names of those that are not. */
export function contenders(): { readonly present: readonly Contender[]; readonly absent: readonly string[] } {
  const all = [contender('mu', runMu), contender('notmuch', runNotmuch)];
  const present = all.filter((one) => one.version !== '');
  return { present, absent: all.filter((one) => one.version === '').map((one) => one.name) };
}

function contender(name: string, run: Contender['run']): Contender {
  const asked = spawnSync(name, ['--version'], { encoding: 'utf8' });
  const version = asked.error === undefined ? (asked.stdout.split('\n')[0] ?? '').trim() : '';
  return { name, version, run };
}

/** Only `mu index` is measured; its database is made beforehand. */
async function runMu(maildir: string, scratch: string, signal: AbortSignal): Promise<Measured> {
  return inFreshHome(scratch, async (home) => {
    await measured(['mu', 'init', `--muhome=${home}`, `--maildir=${maildir}`, '--quiet'], {
      signal,
      env: cleanEnvironment(),
    });
    return measured(['mu', 'index', `--muhome=${home}`, '--quiet'], { signal, env: cleanEnvironment() });
  });
}

async function runNotmuch(maildir: string, scratch: string, signal: AbortSignal): Promise<Measured> {
  return inFreshHome(scratch, async (home) => {
    const config = join(home, 'config');
    await mkdir(join(home, 'database'));
    const lines = [
      '[database]',
      `path=${home}/database`,
      `mail_root=${maildir}`,
      '[user]',
      'primary_email=a@example.org',
    ];
    await writeFile(config, `${lines.join('\n')}\n`);
    return measured(['notmuch', 'new', '--quiet'], {
      signal,
      env: cleanEnvironment({ NOTMUCH_CONFIG: config, HOME: home }),
    });
  });
}

async function inFreshHome(scratch: string, run: (home: string) => Promise<Measured>): Promise<Measured> {
  const home = await mkdtemp(join(scratch, 'home-'));
  try {
    return await run(home);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
