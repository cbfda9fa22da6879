import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const program = `
const [first] = process.argv.slice(2);
if (first === 'wait') {
  process.on('SIGTERM', () => process.exit(7));
  setInterval(() => undefined, 1000);
  console.log('ready');
} else {
  const words: readonly string[] = process.argv.slice(2);
  console.log(JSON.stringify(words));
  process.exitCode = 3;
}
`;

describe('the launcher', () => {
  let checkout: string;
  let launcher: string;

  beforeAll(async () => {
    checkout = await mkdtemp(join(tmpdir(), 'muniment-launcher-'));
    launcher = join(checkout, 'bin/muniment.js');
    await cp(join(root, 'bin/muniment.js'), launcher);
    await mkdir(join(checkout, 'services/app'), { recursive: true });
    await writeFile(join(checkout, 'services/app/main.ts'), program);
    await writeFile(join(checkout, 'package.json'), '{"type": "module"}');
  });
  afterAll(() => rm(checkout, { recursive: true, force: true }));

  test('says what to do before set-up, and exits 69', () => {
    const done = spawnSync(process.execPath, [launcher, 'status'], { encoding: 'utf8' });
    expect(done.status).toBe(69);
    expect(done.stderr).toContain('npm ci');
    expect(done.stderr).toContain('npm run demo');
  });

  describe('after set-up', () => {
    beforeAll(() => symlink(join(root, 'node_modules'), join(checkout, 'node_modules')));

    test('passes arguments and the exit code through', () => {
      const done = spawnSync(process.execPath, [launcher, 'search', 'two words', '--json'], { encoding: 'utf8' });
      expect(JSON.parse(done.stdout)).toEqual(['search', 'two words', '--json']);
      expect(done).toMatchObject({ status: 3, stderr: '' });
    });

    test('passes signals through', async () => {
      const running = spawn(process.execPath, [launcher, 'wait'], { stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = once(running, 'exit');
      await once(running.stdout, 'data');
      running.kill('SIGTERM');
      expect(await ended).toEqual([7, null]);
    });
  });
});
