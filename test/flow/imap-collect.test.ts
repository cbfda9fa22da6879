import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { digestOf } from '#kernel';
import { describeVariant } from '../describe-variant.ts';
import { Dovecot } from '../dovecot.ts';
import { Muniment } from '../muniment.ts';
import { placesOf } from '../places-of.ts';
import { capturesIn, recordedIn, sightingsIn } from '../recorded.ts';
import { TcpProxy } from '../tcp-proxy.ts';

const total = 2000;
const highUids = 20;
const env = { CONNECT_ALLOW: '127.0.0.0/8, ::1' };
const wrongPassword = 'open-sesame-9d1f';

function message(user: string, number: number): Buffer {
  const head = `From: sender${number % 17}@example.org\r\nTo: ${user}@example.org\r\nSubject: note ${number}\r\n`;
  const body = `line ${number} of the bridge file\r\n`.repeat(1 + (number % 60));
  return Buffer.from(`${head}Message-ID: <${number}.${user}@example.org>\r\n\r\n${body}`);
}

function captures(sent: readonly Buffer[]): string[] {
  return [...new Set(sent.map((bytes) => `${digestOf(bytes)}/1`))].sort();
}

describeVariant('dovecot', 'collecting from a real Dovecot, through the program', () => {
  let dovecot: Dovecot;
  let muniment: Muniment;

  beforeAll(async () => {
    dovecot = await Dovecot.start();
  });
  afterAll(async () => {
    await dovecot[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    muniment = await Muniment.make({ env });
  });
  afterEach(async () => {
    await muniment[Symbol.asyncDispose]();
  });

  async function addWords(name: string, port: number, password = 'secret'): Promise<string[]> {
    const file = muniment.path('password');
    await writeFile(file, `${password}\n`, { mode: 0o600 });
    const account = ['--host', 'localhost', '--port', String(port), '--user', name, '--password-file', file];
    return ['sources', 'add', 'imap', name, ...account, '--tls', 'none', '--custodian', name];
  }

  /** Flags, \Recent among them, of every message on the server. */
  async function serverState(user: string): Promise<string> {
    return await dovecot.doveadm('-f', 'tab', 'fetch', '-u', user, 'mailbox uid flags', 'all');
  }

  test('2,000 messages, 20 of them at UIDs from 1,000,000, the connection cut in the middle', async () => {
    const sent = Array.from({ length: total }, (_, number) => message('alice', number));
    await dovecot.deliver('alice', 'INBOX', sent.slice(0, 1500));
    await dovecot.deliver('alice', 'Projects/Bridge', sent.slice(1500, total - highUids));
    await dovecot.doveadm('mailbox', 'status', '-u', 'alice', 'messages', 'INBOX');
    await dovecot.doveadm('mailbox', 'update', '-u', 'alice', '--min-next-uid', '1000000', 'INBOX');
    await dovecot.deliver('alice', 'INBOX', sent.slice(total - highUids));
    const before = await serverState('alice');
    await using proxy = await TcpProxy.to(dovecot.port);
    await muniment.ok(...(await addWords('alice', proxy.port)));

    proxy.cutAfter(600_000);
    const ran = await muniment.ok('collect', 'alice');

    expect(ran.json[0]).toMatchObject({ captured: total, failed: 0 });
    expect(proxy.connections).toBeGreaterThanOrEqual(2);
    const recorded = await recordedIn(muniment.archive);
    expect(capturesIn(recorded)).toEqual(captures(sent));
    expect(sightingsIn(recorded)).toHaveLength(new Set(sightingsIn(recorded)).size);
    // Commands grow with messages (one FETCH for sizes and one for bodies of some hundred), not with UIDs.
    expect(proxy.commands.filter((line) => /FETCH/u.test(line)).length).toBeLessThanOrEqual(60);
    expect(proxy.commands.filter((line) => /SELECT|STORE|EXPUNGE|COPY|MOVE|APPEND|BODY\[/u.test(line))).toEqual([]);
    expect(await serverState('alice')).toBe(before);

    const again = await muniment.ok('collect', 'alice');
    expect(again.json[0]).toMatchObject({ captured: 0, failed: 0 });
    expect(sightingsIn(await recordedIn(muniment.archive))).toHaveLength(total);
    const listed = (await muniment.ok('sources', 'list')).json[0];
    expect(listed).toMatchObject({ name: 'alice', quarantined: [] });
    expect(JSON.stringify(listed)).not.toContain('secret');
    const raw = await muniment.ok('show', digestOf(sent[77] ?? Buffer.alloc(0)), '--raw');
    expect(raw.stdout.equals(sent[77] ?? Buffer.alloc(0))).toBe(true);
    expect((await muniment.run('verify', '--full')).json).toEqual([expect.objectContaining({ findings: 0 })]);
  });

  test('UIDVALIDITY changed in the middle: nothing lost, nothing twice, all accounted for anew (invariant 5)', async () => {
    const sent = Array.from({ length: total }, (_, number) => message('bob', number));
    await dovecot.deliver('bob', 'INBOX', sent);
    await using proxy = await TcpProxy.to(dovecot.port);
    await muniment.ok(...(await addWords('bob', proxy.port)));

    const running = muniment.start('collect', 'bob');
    const ending = running.ended();
    await running.until(() => proxy.commands.filter((line) => line.includes('BODY.PEEK')).length >= 3);
    await dovecot.doveadm('mailbox', 'update', '-u', 'bob', '--uid-validity', '424242', 'INBOX');
    const ran = await ending;

    // Whether the server told this connection or not, another run leaves nothing open.
    expect([0, 1]).toContain(ran.code);
    const second = await muniment.ok('collect', 'bob');
    expect(second.json[0]).toMatchObject({ captured: 0, failed: 0 });
    const recorded = await recordedIn(muniment.archive);
    expect(capturesIn(recorded)).toEqual(captures(sent));
    expect(sightingsIn(recorded)).toHaveLength(new Set(sightingsIn(recorded)).size);
    const uids = recorded.entries.flatMap((entry) => {
      const isSighting = entry.kind === 'capture' || entry.kind === 'sighting';
      return isSighting && entry.aside !== 'erased' && entry.aside.uidValidity === '424242' ? [entry.uid ?? 0] : [];
    });
    expect(uids.toSorted((a, b) => a - b)).toEqual(sent.map((_, index) => index + 1));
    const third = await muniment.ok('collect', 'bob');
    expect(third.json[0]).toMatchObject({ captured: 0, failed: 0 });
    expect(sightingsIn(await recordedIn(muniment.archive))).toEqual(sightingsIn(recorded));
  });

  test('killed in the middle of a collection: the next one completes it', async () => {
    const sent = Array.from({ length: 600 }, (_, number) => message('carol', number));
    await dovecot.deliver('carol', 'INBOX', sent);
    await using proxy = await TcpProxy.to(dovecot.port);
    await muniment.ok(...(await addWords('carol', proxy.port)));
    const running = muniment.start('collect', 'carol');
    await running.until(() => proxy.commands.filter((line) => line.includes('BODY.PEEK')).length >= 3);
    running.kill();
    expect((await running.ended()).signal).toBe('SIGKILL');
    const completed = (await muniment.ok('collect', 'carol')).json[0];
    expect(completed).toMatchObject({ failed: 0 });
    expect(capturesIn(await recordedIn(muniment.archive))).toEqual(captures(sent));
    expect((await muniment.run('verify', '--full')).json).toEqual([expect.objectContaining({ findings: 0 })]);
  });

  test('a wrong password: one clear line, exit code not 0, asked for once, and kept from every file', async () => {
    await dovecot.deliver('dave', 'INBOX', [message('dave', 1)]);
    await using proxy = await TcpProxy.to(dovecot.port);
    await muniment.ok(...(await addWords('dave', proxy.port, wrongPassword)));
    await writeFile(muniment.path('password'), '');
    const ran = await muniment.run('collect', 'dave');
    expect([ran.code, ran.json[0]?.['error']]).toEqual([1, 'login-refused']);
    expect(ran.stderr.match(/^muniment: /gmu)).toHaveLength(1);
    expect(proxy.connections).toBe(1);
    expect(placesOf([wrongPassword], muniment.archive)).toEqual([]);
    expect(`${ran.stdout.toString()}${ran.stderr}`).not.toContain(wrongPassword);
  });

  test('a server that does not listen, or hangs up: one clear line each, and the other sources are collected', async () => {
    await dovecot.deliver('erin', 'INBOX', [message('erin', 1)]);
    const hangingUp = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(hangingUp, 'listening');
    const address = hangingUp.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      await muniment.ok(...(await addWords('erin', dovecot.port)));
      await muniment.ok(...(await addWords('silent', 1)));
      await muniment.ok(...(await addWords('rude', port)));
      const ran = await muniment.run('collect');
      expect(ran.code).toBe(1);
      expect(ran.stderr.match(/^muniment: (?:silent|rude): /gmu)?.toSorted()).toEqual([
        'muniment: rude: ',
        'muniment: silent: ',
      ]);
      expect(ran.json).toContainEqual(expect.objectContaining({ source: 'erin', captured: 1, failed: 0 }));
    } finally {
      hangingUp.close();
    }
  });

  test('without CONNECT_ALLOW nothing on this machine is reached (invariant 35)', async () => {
    await dovecot.deliver('frank', 'INBOX', [message('frank', 1)]);
    await using proxy = await TcpProxy.to(dovecot.port);
    const closed = muniment.on(muniment.archive, {});
    const refused = await closed.run(...(await addWords('frank', proxy.port)));
    expect([refused.code, refused.json[0]?.['error']]).toEqual([2, 'connect-not-allowed']);
    await muniment.ok(...(await addWords('frank', proxy.port)));
    const later = await closed.run('collect', 'frank');
    expect([later.code, later.json[0]?.['error']]).toEqual([1, 'connect-not-allowed']);
    expect(proxy.connections).toBe(0);
  });
});
