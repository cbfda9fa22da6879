import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { TemporaryFolder } from '../../whole-archive.ts';

const lastResort = new URL('../../../services/app/last-resort.ts', import.meta.url).href;

/** A thread that waits in open(2) for somebody to write into a FIFO. */
const script = `
  import { Worker } from 'node:worker_threads';
  import { endAtLast } from '${lastResort}';
  const body = 'require("node:worker_threads").parentPort.postMessage(1); require("node:fs").openSync(process.argv[2])';
  const worker = new Worker(body, { eval: true, execArgv: [], argv: [process.argv[1]] });
  worker.once('message', () => endAtLast(400));
`;

test('a process whose thread is stuck in a system call ends all the same, by SIGKILL', async () => {
  await using folder = await TemporaryFolder.make();
  const fifo = join(folder.path, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, fifo], { stdio: 'pipe' });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code, signal] = await once(child, 'close');
  expect([code, signal]).toEqual([null, 'SIGKILL']);
  expect(said).toContain('ended by force');
});

test('a process that has closed everything does not wait for its last resort', async () => {
  const closed = `import { endAtLast } from '${lastResort}'; endAtLast(2_000_000_000)(); process.exitCode = 130;`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', closed], { stdio: 'ignore' });
  const [code, signal] = await once(child, 'close');
  expect([code, signal]).toEqual([130, null]);
});
