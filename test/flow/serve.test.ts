import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestOf } from '#kernel';
import { writeSampleMail } from '../../scripts/sample-mail/index.ts';
import { Muniment } from '../muniment.ts';
import { ServedProgram } from '../served-program.ts';
import { letter } from '../whole-archive.ts';

const anyPort = { LISTEN_PORT: '0' };
/** Every byte value, more than fits into one line of the socket, and a subject that breaks lines elsewhere. */
const binary = Buffer.concat([
  Buffer.from(
    'From: ada@example.org\r\nSubject: =?utf-8?Q?zephyr=E2=80=A8line?=\r\nContent-Type: application/octet-stream\r\n\r\n',
  ),
  Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7 + (index >> 8)) & 0xff)),
]);

describe('muniment serve', () => {
  let program: Muniment;
  let served: ServedProgram;
  let token: string;
  let mail: string;

  beforeAll(async () => {
    program = await Muniment.make({ env: anyPort });
    mail = program.path('mail');
    await writeSampleMail(mail);
    await mkdir(join(mail, 'ada'), { recursive: true });
    await writeFile(join(mail, 'ada', 'binary.eml'), binary);
    served = await ServedProgram.start(program);
    token = served.token ?? '';
  });

  afterAll(() => program[Symbol.asyncDispose]());

  test('listens on loopback unless told otherwise, and is ready', async () => {
    expect(served.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/u);
    expect((await fetch(`${served.url}/readyz`)).status).toBe(200);
  });

  test('the first start shows the token once', async () => {
    expect(token).toMatch(/^mun_[\w-]{43}$/u);
    expect(served.running.stdout.split(token)).toHaveLength(2);
    expect(served.running.stderr).not.toContain(token);
    expect(await served.status(token)).toMatchObject({ code: 200 });
  });

  describe('while it runs, other commands work through its socket', () => {
    test('which only the owner of the archive may open', async () => {
      const socket = await stat(join(program.archive, 'run', 'control.sock'));
      expect(socket.isSocket()).toBe(true);
      expect(socket.mode & 0o077).toBe(0);
    });

    test('import, and what it brought is there for HTTP at once', async () => {
      const { json } = await program.ok('import', mail);
      const sum = json.at(-1) ?? {};
      expect(Number(sum['found'])).toBeGreaterThan(200);
      expect(sum['found']).toBe(Number(sum['captured']) + Number(sum['alreadyArchived']) + Number(sum['failed']));
      expect((await served.status(token)).messages).toBe(Number(sum['captured']));
    });

    test('several at once: search, show, export, verify, backup', async () => {
      const [search, show, exported, verified, backup] = await Promise.all([
        program.ok('search', 'zephyr'),
        program.ok('show', digestOf(binary), '--raw'),
        program.ok('export', '--all', '--out', program.path('out')),
        program.ok('verify', '--full'),
        program.ok('backup', '--to', `file:${program.path('backup')}`),
      ]);
      // U+2028 is a line end for some readers of lines, and none in JSON.
      expect(search.json).toMatchObject([{ digest: digestOf(binary), subject: expect.stringContaining('\u2028') }]);
      expect(digestOf(show.stdout)).toBe(digestOf(binary));
      expect(exported.code).toBe(0);
      expect(existsSync(program.path('out', 'SHA256SUMS'))).toBe(true);
      expect(verified.json.at(-1)).toMatchObject({ findings: 0, full: true });
      expect(backup.json.at(-1)).toMatchObject({ messages: (await served.status(token)).messages });
    });

    test('with the exit codes and the errors they have by themselves', async () => {
      const wrong = await program.run('search', '(unfinished');
      expect(wrong).toMatchObject({ code: 2, json: [{ error: 'query-invalid' }] });
      expect((await program.run('show', 'f'.repeat(64))).json).toMatchObject([{ error: 'no-such-message' }]);
      expect((await program.run('search', 'zephyr', '--limit', 'many')).code).toBe(64);
      const alone = await program.run('rebuild');
      expect(alone).toMatchObject({ code: 2, json: [{ error: 'in-use' }] });
    });

    test('paths are those of who typed them', async () => {
      await program.ok('export', '--query', 'zephyr', '--out', 'here.zip');
      expect(existsSync(program.path('here.zip'))).toBe(true);
    });

    test('a disposal takes finished exports off the disk by itself (invariant 17)', async () => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const body = JSON.stringify({ selection: { query: 'zephyr' } });
      const url = `${served.url}/api/v1/exports`;
      const begun = (await (await fetch(url, { method: 'POST', headers, body })).json()) as { id: string };
      const state = async () =>
        ((await (await fetch(`${url}/${begun.id}`, { headers })).json()) as { state: string }).state;
      await until(async () => (await state()) === 'done');
      const folder = join(program.archive, 'run', 'exports');
      expect(await readdir(folder)).toHaveLength(1);
      const [hit] = (await program.ok('search', 'the', '--limit', '1')).json;
      await program.ok('dispose', String(hit?.['digest']), '--reason', 'by schedule');
      await until(async () => (await readdir(folder)).length === 0);
    });

    test('token rotate voids the old token at once', async () => {
      const { json } = await program.ok('token', 'rotate');
      const fresh = String(json[0]?.['token']);
      expect(await served.status(token)).toMatchObject({ code: 401 });
      expect(await served.status(fresh)).toMatchObject({ code: 200 });
      token = fresh;
    });

    test('a source that cannot be added says why, without its password (invariant 34)', async () => {
      await writeFile(program.path('pw'), 'planted-password-77\n');
      const account = ['--host', 'mail.invalid', '--user', 'ada', '--password-file', program.path('pw')];
      const added = await program.run('sources', 'add', 'imap', 'office', ...account, '--custodian', 'ada');
      expect(added).toMatchObject({ code: 2, json: [{ error: 'host-not-found' }] });
      expect(served.running.stderr + added.stderr + added.stdout.toString()).not.toContain('planted-password');
    });
  });

  test('a second one on the same archive ends with one clear line', async () => {
    const second = await program.run('serve');
    expect(second).toMatchObject({ code: 2, json: [{ error: 'in-use' }] });
    const [line, remedy, ...more] = second.stderr.trim().split('\n');
    expect(line).toContain('another process has it open');
    expect(remedy).toContain('Stop that process');
    expect(more).toEqual([]);
    expect(await served.status(token)).toMatchObject({ code: 200 });
  });

  test('SIGTERM ends it within 10 s, whoever still holds on to it, and nothing is lost', async () => {
    const mbox = program.path('many.mbox');
    await writeFile(mbox, Buffer.concat([...manyLetters(6000)]));
    const before = (await served.status(token)).messages;
    const agent = new Agent({ keepAlive: true });
    const headers = { authorization: `Bearer ${token}` };
    const [idle] = (await once(get(`${served.url}/api/v1/status`, { agent, headers }), 'response')) as [
      IncomingMessage,
    ];
    idle.resume();
    const raw = `${served.url}/api/v1/messages/${digestOf(binary)}/raw`;
    const [slow] = (await once(get(raw, { headers }), 'response')) as [IncomingMessage];
    slow.on('error', () => {});
    const silent = connect(join(program.archive, 'run', 'control.sock')).on('error', () => {});
    await once(silent, 'connect');
    const importing = program.start('import', mbox);
    await until(async () => (await served.status(token)).messages > before + 100);
    expect((await served.stop()).code).toBe(0);
    const interrupted = await importing.ended();
    expect(interrupted.code).toBe(130);
    expect(interrupted.stderr).toContain('run it again');
    agent.destroy();
    slow.destroy();
    silent.destroy();
    const completed = (await program.ok('import', mbox)).json.at(-1) ?? {};
    expect(completed).toMatchObject({ found: 6000, failed: 0 });
    expect(Number(completed['alreadyArchived'])).toBeGreaterThanOrEqual(100);
    expect(Number(completed['captured'])).toBeGreaterThan(0);
    expect((await program.ok('verify')).json.at(-1)).toMatchObject({ messages: before + 6000, findings: 0 });
  });

  test('a restart keeps the token and does not show it again; a socket left by kill -9 is no obstacle', async () => {
    served = await ServedProgram.start(program);
    expect(served.token).toBeUndefined();
    expect(await served.status(token)).toMatchObject({ code: 200 });
    served.running.kill('SIGKILL');
    await served.running.ended();
    expect(existsSync(join(program.archive, 'run', 'control.sock'))).toBe(true);
    expect((await program.ok('status')).json[0]).toMatchObject({ complete: true });
    served = await ServedProgram.start(program);
    expect(await served.status(token)).toMatchObject({ code: 200 });
    expect((await program.ok('status')).code).toBe(0);
    const stopped = await served.stop();
    expect(stopped.code).toBe(0);
    expect(stopped.stderr).not.toMatch(/Warning|DEP\d+/u);
    expect(await readdir(join(program.archive, 'run', 'exports'))).toEqual([]);
  });

  test('the token stands in no file of the archive', async () => {
    const files = await readdir(program.archive, { recursive: true, withFileTypes: true });
    const small = files.filter((file) => file.isFile());
    for (const file of small) {
      const bytes = await readFile(join(file.parentPath, file.name));
      expect([file.name, bytes.includes(token)]).toEqual([file.name, false]);
    }
  });
});

function* manyLetters(count: number): Generator<Buffer> {
  for (let number = 1; number <= count; number++) {
    yield Buffer.from('From - Mon Jan  5 09:00:00 2026\n');
    yield letter(number, `many ${number}`);
    yield Buffer.from('\n');
  }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await setTimeout(10);
}
