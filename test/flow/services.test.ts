import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cleanEnvironment } from '../../scripts/program.ts';
import { describeVariant } from '../describe-variant.ts';

const program = fileURLToPath(new URL('../../scripts/services.ts', import.meta.url));

let cache: string;
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'muniment-services-'));
});
afterAll(() => rm(cache, { recursive: true, force: true }));

function environment(added: Readonly<Record<string, string>>): Record<string, string> {
  return cleanEnvironment({ XDG_CACHE_HOME: cache, ...added });
}

function services(words: readonly string[], added: Readonly<Record<string, string>> = {}) {
  const done = spawnSync(process.execPath, [program, ...words], { encoding: 'utf8', env: environment(added) });
  const lines = done.stdout.split('\n').filter((line) => line !== '');
  return { code: done.status, lines, stderr: done.stderr };
}

/** The first line of standard output. */
async function firstLine(child: ChildProcess): Promise<unknown> {
  const stream = child.stdout?.setEncoding('utf8');
  const [text] = stream === undefined ? [] : await once(stream, 'data');
  return JSON.parse(String(text));
}

describeVariant('redis', 'npm run services', () => {
  test('brings a server up, says where, and takes it down', async () => {
    const up = spawn(process.execPath, [program, 'up', 'redis', '--json'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: environment({}),
    });
    const ended = once(up, 'exit');
    try {
      const line = await firstLine(up);
      expect(line).toMatchObject({ name: 'redis', url: expect.stringMatching(/^redis:\/\/127\.0\.0\.1:\d+$/u) });
      expect(services(['status', 'redis', '--json']).lines.map((one) => JSON.parse(one))).toEqual([line]);
      expect(services(['up', 'redis']).lines.join('')).toContain('up already');
      expect(services(['down', 'redis']).lines.join('')).toContain('stopped');
      expect(await ended).toEqual([0, null]);
    } finally {
      up.kill('SIGTERM');
    }
    expect(services(['status', 'redis']).lines.join('')).toContain('not up');
  });

  test('takes the address that the environment gives, and starts nothing', () => {
    const given = { TEST_REDIS_URL: 'redis://127.0.0.1:1' };
    const { code, lines } = services(['up', 'redis', '--json'], given);
    expect({ code, lines: lines.map((line) => JSON.parse(line)) }).toEqual({
      code: 0,
      lines: [{ name: 'redis', url: 'redis://127.0.0.1:1', from: 'given by TEST_REDIS_URL' }],
    });
    expect(services(['status', 'redis'], given).lines.join('')).toContain('nothing listens there');
  });
});

test('a server that cannot be had says what to do', () => {
  const { code, stderr } = services(['install', 's3'], { PATH: '/nowhere' });
  expect(code).toBe(1);
  expect(stderr).toContain('https://go.dev/dl');
});

test('a name that is none is refused', () => {
  const { code, stderr } = services(['up', 'oracle']);
  expect(code).toBe(64);
  expect(stderr).toContain('oracle');
});
