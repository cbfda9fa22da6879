import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface DemoRan {
  readonly code: number | null;
  readonly text: string;
  /** What was left in the folder for temporary files. */
  readonly left: readonly string[];
}

export interface DemoOptions {
  readonly args: readonly string[];
  /** What it has to say before it is interrupted. */
  readonly until?: string;
}

/** Runs a demo of the folder scripts/ to its end, on a machine that is configured for something else. */
export async function runDemo(script: string, { args, until }: DemoOptions): Promise<DemoRan> {
  const path = fileURLToPath(new URL(`../scripts/${script}`, import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), 'muniment-demo-test-'));
  try {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', path, ...args], {
      env: { ...process.env, TMPDIR: folder, ARCHIVE_URL: 'https://not.an.archive', BACKUP_CRON: 'never' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    const said = (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (until !== undefined && text.includes(until)) child.kill('SIGINT');
    };
    child.stdout.on('data', said);
    child.stderr.on('data', said);
    await once(child, 'close');
    return { code: child.exitCode, text, left: await readdir(folder) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
