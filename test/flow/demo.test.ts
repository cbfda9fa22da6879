import { describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const demo = fileURLToPath(new URL('../../scripts/demo.ts', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly text: string;
  /** What was left in the folder for temporary files. */
  readonly left: readonly string[];
}

/** Runs the demo; `until` is what it has to say before it is interrupted. */
async function runDemo(args: readonly string[], until?: string): Promise<Ended> {
  const folder = await mkdtemp(join(tmpdir(), 'muniment-demo-test-'));
  try {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', demo, ...args], {
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

describe('npm run demo', () => {
  test('with --once shows every part of the program at work, whatever this machine is configured for', async () => {
    const { code, text, left } = await runDemo(['--once']);
    expect(text).toContain('found 394 = captured 177 + already archived 217 + failed 0');
    expect(text).toContain('found 394 = captured 0 + already archived 394 + failed 0');
    expect(text).toMatch(/dispose [0-9a-f]{12} --reason 'Delete this, please\.'\nmuniment: .+ is on legal hold/u);
    expect(text).toContain('holds 41 messages');
    expect(text).toContain('exported 41 of 41 messages');
    expect(text).toContain('README.txt: OK');
    expect(text).toMatch(/no fault found: .+ every byte read/u);
    expect(text).toContain('the backup holds 177 messages');
    expect(text).toContain('Done: every step did what it says.');
    expect(text).not.toContain('\u001B[');
    expect({ code, left }).toEqual({ code: 0, left: [] });
  }, 120_000);

  test('interrupted within the tour it stops the service and leaves nothing behind', async () => {
    const { code, text, left } = await runDemo([], 'captured 177');
    expect(text).not.toContain('The demo failed');
    expect({ code, left }).toEqual({ code: 130, left: [] });
  }, 60_000);
});
