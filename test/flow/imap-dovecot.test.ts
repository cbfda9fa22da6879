import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '#kernel';
import { ConnectPolicy } from '../../services/ingest/connect-policy.ts';
import type { Accounting, Found, FoundMessage } from '../../services/ingest/source.ts';
import { ImapSource } from '../../services/ingest/sources/imap-source.ts';
import { UidSet } from '../../services/ingest/uid-set.ts';
import { describeVariant } from '../describe-variant.ts';
import { Dovecot } from '../dovecot.ts';
import { TcpProxy } from '../tcp-proxy.ts';

function message(user: string, n: number): Buffer {
  const body = `line of message ${n}\r\n`.repeat(5 + ((n * 7) % 60));
  return Buffer.from(
    `From: ${user}@example.org\r\nSubject: number ${n}\r\nMessage-ID: <${user}.${n}@example.org>\r\n\r\n${body}`,
  );
}

/** A ledger that only remembers which UIDs it has. */
class Ledger implements Accounting {
  readonly uids = new Map<string, number[]>();
  readonly digests = new Set<string>();

  async accounted(mailbox: string, uidValidity: string): Promise<UidSet> {
    return await Promise.resolve(UidSet.of(this.uids.get(`${mailbox}/${uidValidity}`) ?? []));
  }

  record(found: FoundMessage): void {
    const key = `${found.place.mailbox}/${found.place.uidValidity}`;
    this.uids.set(key, [...(this.uids.get(key) ?? []), found.place.uid ?? 0]);
    this.digests.add(found.digest);
  }
}

async function collect(from: ImapSource, ledger: Ledger, each?: (n: number) => Promise<void>): Promise<Found[]> {
  const all: Found[] = [];
  let messages = 0;
  for await (const found of from.sightings(ledger, new AbortController().signal)) {
    all.push(found);
    if (found.kind !== 'message') continue;
    ledger.record(found);
    messages += 1;
    await each?.(messages);
  }
  return all;
}

describeVariant('dovecot', 'an IMAP source and a real Dovecot', () => {
  let dovecot: Dovecot;
  let folder: string;

  beforeAll(async () => {
    dovecot = await Dovecot.start();
    folder = await mkdtemp(join(tmpdir(), 'muniment-imap-'));
  });

  afterAll(async () => {
    await dovecot[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  function source(user: string, port: number): ImapSource {
    const options = {
      id: user,
      custodian: user,
      host: 'localhost',
      port,
      user,
      password: 'secret',
      tls: 'none' as const,
    };
    const reconnect = { waitFirstMs: 1, waitMaxMs: 5 };
    return new ImapSource(
      { ...options, temporaryFolder: folder, reconnect },
      ConnectPolicy.parse('127.0.0.0/8, ::1', async () => await Promise.resolve(['127.0.0.1'])),
    );
  }

  async function listed(user: string): Promise<Set<string>> {
    const lines = await dovecot.doveadm('-f', 'tab', 'fetch', '-u', user, 'mailbox uid', 'all');
    return new Set(lines.trim().split('\n').slice(1));
  }

  async function serverState(user: string): Promise<string> {
    return await dovecot.doveadm('-f', 'tab', 'fetch', '-u', user, 'mailbox uid flags', 'all');
  }

  test('every message comes byte for byte, 20 of them at UIDs from 1,000,000, in commands that grow with messages', async () => {
    const sent = Array.from({ length: 300 }, (_, n) => message('alice', n));
    await dovecot.deliver('alice', 'INBOX', sent.slice(0, 240));
    await dovecot.deliver('alice', 'Projects/Bridge', sent.slice(240, 280));
    await dovecot.doveadm('mailbox', 'status', '-u', 'alice', 'messages', 'INBOX');
    await dovecot.doveadm('mailbox', 'update', '-u', 'alice', '--min-next-uid', '1000000', 'INBOX');
    await dovecot.deliver('alice', 'INBOX', sent.slice(280));
    const before = await serverState('alice');
    await using proxy = await TcpProxy.to(dovecot.port);
    const ledger = new Ledger();

    const found = await collect(source('alice', proxy.port), ledger);

    const messages = found.filter((one) => one.kind === 'message');
    expect(ledger.digests).toEqual(new Set(sent.map((bytes) => digestOf(bytes))));
    expect(new Set(messages.map(({ place }) => `${place.mailbox}\t${place.uid}`))).toEqual(await listed('alice'));
    expect(messages.filter(({ place }) => (place.uid ?? 0) >= 1_000_000)).toHaveLength(20);
    expect(messages.every(({ place }) => Number.isSafeInteger(place.internalDate) && place.flags !== undefined)).toBe(
      true,
    );
    // Two commands for each 200 messages and a few for each mailbox, whatever the UIDs are.
    expect(proxy.commands.filter((line) => /FETCH/u.test(line)).length).toBeLessThanOrEqual(8);
    expect(proxy.commands.length).toBeLessThanOrEqual(30);
    expect(proxy.commands.filter((line) => /SELECT|STORE|EXPUNGE|COPY|MOVE|APPEND|BODY\[/u.test(line))).toEqual([]);
    // \Seen is not set and \Recent not taken away: the server's state is unchanged.
    expect(await serverState('alice')).toBe(before);
  });

  test('a second pass fetches nothing that is accounted for', async () => {
    const ledger = new Ledger();
    await collect(source('alice', dovecot.port), ledger);
    await dovecot.deliver('alice', 'INBOX', [message('alice', 301)]);
    const found = await collect(source('alice', dovecot.port), ledger);
    expect(found.filter((one) => one.kind === 'message')).toHaveLength(1);
    expect(found.filter((one) => one.kind === 'known').reduce((sum, one) => sum + one.count, 0)).toBe(300);
  });

  test('invariant 5: UIDVALIDITY changed in mid-run, every message is accounted for under the new value', async () => {
    const sent = Array.from({ length: 300 }, (_, n) => message('bob', n));
    await dovecot.deliver('bob', 'INBOX', sent);
    const ledger = new Ledger();
    const found = await collect(source('bob', dovecot.port), ledger, async (n) => {
      if (n === 100) await dovecot.doveadm('mailbox', 'update', '-u', 'bob', '--uid-validity', '4242', 'INBOX');
    });
    expect(ledger.uids.get('INBOX/4242')?.toSorted((a, b) => a - b)).toEqual(sent.map((_, n) => n + 1));
    expect(ledger.digests).toEqual(new Set(sent.map((bytes) => digestOf(bytes))));
    expect(found.filter((one) => one.kind === 'failed' || one.kind === 'gone')).toEqual([]);
  });

  test('invariant 4: the connection cut in mid-run, every message comes once all the same', async () => {
    const sent = Array.from({ length: 300 }, (_, n) => message('carol', n));
    await dovecot.deliver('carol', 'INBOX', sent);
    await using proxy = await TcpProxy.to(dovecot.port);
    proxy.cutAfter(120_000);
    const ledger = new Ledger();
    const found = await collect(source('carol', proxy.port), ledger, async (n) => {
      if (n === 250) proxy.cutNow();
      await Promise.resolve();
    });
    const uids = [...ledger.uids.values()].flat();
    expect(uids.toSorted((a, b) => a - b)).toEqual(sent.map((_, n) => n + 1));
    expect(found.filter((one) => one.kind === 'failed' || one.kind === 'gone')).toEqual([]);
    expect(proxy.connections).toBeGreaterThanOrEqual(2);
  });

  test('a wrong password is refused once, clearly', async () => {
    await using proxy = await TcpProxy.to(dovecot.port);
    const options = {
      id: 'x',
      custodian: 'x',
      host: '127.0.0.1',
      port: proxy.port,
      user: 'alice',
      password: 'wrong',
      tls: 'none' as const,
    };
    const wrong = new ImapSource({ ...options, temporaryFolder: folder }, ConnectPolicy.parse('127.0.0.1'));
    await expect(collect(wrong, new Ledger())).rejects.toMatchObject({ code: 'login-refused' });
    expect(proxy.connections).toBe(1);
  });

  test('changes() notices mail that arrives while it listens', async () => {
    await dovecot.deliver('dave', 'INBOX', [message('dave', 1)]);
    const watched = source('dave', dovecot.port);
    const ledger = new Ledger();
    const stop = new AbortController();
    await collect(watched, ledger);
    const changes = watched.changes(stop.signal)[Symbol.asyncIterator]();
    const next = changes.next();
    await dovecot.deliver('dave', 'INBOX', [message('dave', 2)]);
    expect((await next).done).toBe(false);
    await collect(watched, ledger);
    expect(ledger.digests.size).toBe(2);
    const last = changes.next();
    stop.abort();
    expect((await last).done).toBe(true);
  });
});
