import { describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describeVariant } from '../describe-variant.ts';
import type { ServerName } from '../servers.ts';

/** The slowest starts in 20 s on an idle machine with two cores. */
const startMsMax = 180_000;

const parentProgram = fileURLToPath(new URL('server-parent.ts', import.meta.url));

/** Processes, by pid, that name the folder on their command line: the server's and their guards, and who started them. */
function processesNaming(folder: string): readonly number[] {
  if (!existsSync('/proc/self')) return [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/u.test(name));
  return pids.filter((pid) => readProc(pid, 'cmdline').includes(folder)).map(Number);
}

function readProc(pid: number | string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

/** Whether it runs. One that has ended counts as gone even if nobody has asked how. */
function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !/^State:\s+[ZX]/mu.test(readProc(pid, 'status'));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(20);
}

/** A process that has started the server in the folder, all processes of both, and the server's own pid. */
async function started(name: ServerName, folder: string) {
  const parent = spawn(process.execPath, [parentProgram, name, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(parent.stdout.setEncoding('utf8'), 'data');
  const server = Number(line);
  return { parent, server, all: [...new Set([...processesNaming(folder), server])] };
}

const servers = ['redis', 's3', 'elasticsearch', 's3-ceph', 's3-versity'] as const;

describe.each(servers)('%s', (name) => {
  describeVariant(name, 'a server ends with the process that started it', () => {
    test(
      'when that is killed; its data go too',
      async () => {
        const folder = await mkdtemp(join(tmpdir(), 'muniment-orphan-'));
        const { parent, server, all } = await started(name, folder);
        expect(runs(server)).toBe(true);
        parent.kill('SIGKILL');
        await until(() => !all.some(runs) && !existsSync(folder));
        expect(processesNaming(folder)).toEqual([]);
      },
      startMsMax,
    );
  });
});

describeVariant('redis', 'a server', () => {
  test('ends even when all processes of the project are killed at once', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'muniment-orphan-'));
    const { server, all } = await started('redis', folder);
    for (const pid of all) if (pid !== server) process.kill(pid, 'SIGKILL');
    await until(() => !all.some(runs));
    await rm(folder, { recursive: true });
  });
});
