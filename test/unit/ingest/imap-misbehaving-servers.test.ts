import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConnectPolicy } from '../../../services/ingest/connect-policy.ts';
import type { Found } from '../../../services/ingest/source.ts';
import { ImapSource, type ImapSourceOptions } from '../../../services/ingest/sources/imap-source.ts';
import { UidSet } from '../../../services/ingest/uid-set.ts';
import { ScriptedImapServer, type Misbehaviour } from '../../imap-server-script.ts';

function messages(count: number): Map<number, Buffer> {
  return new Map(
    Array.from({ length: count }, (_, n) => [n + 1, Buffer.from(`Subject: ${n + 1}\r\n\r\nbody ${n + 1}\r\n`)]),
  );
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muniment-imap-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function source(port: number, options: Partial<ImapSourceOptions> = {}): ImapSource {
  return new ImapSource(
    {
      id: 's',
      custodian: 'c',
      host: '127.0.0.1',
      port,
      user: 'u',
      password: 'p',
      tls: 'none',
      temporaryFolder: folder,
      reconnect: { waitFirstMs: 1, waitMaxMs: 2, lossesMax: 5 },
      ...options,
    },
    ConnectPolicy.parse('127.0.0.1'),
  );
}

async function collect(
  from: ImapSource,
  accounted: (uidValidity: string) => UidSet = () => new UidSet(),
): Promise<Found[]> {
  const all: Found[] = [];
  const account = {
    accounted: async (_: string, uidValidity: string) => await Promise.resolve(accounted(uidValidity)),
  };
  for await (const found of from.sightings(account, new AbortController().signal)) all.push(found);
  return all;
}

/** `uid:outcome`, sorted. */
function outcomes(found: readonly Found[]): string[] {
  return found
    .flatMap((one) => {
      if (one.kind === 'message')
        return [`${one.place.uid}:${'bytes' in one.content ? one.content.bytes.length : 'file'}`];
      if (one.kind === 'failed') return [`${one.place.uid}:${one.code}`];
      return one.kind === 'gone' ? [`${one.place.uid}:gone`] : [];
    })
    .sort();
}

/** How the three messages come when nothing is wrong: 22 bytes each. */
const whole = ['1:22', '2:22', '3:22'];

async function run(misbehave: Misbehaviour, options: Partial<ImapSourceOptions> = {}) {
  await using server = await ScriptedImapServer.start({ uidValidity: '7', messages: messages(3) }, misbehave);
  return { found: await collect(source(server.port, options)), server };
}

const fetchesBodies = (line: string) => line.startsWith('UID FETCH') && line.includes('BODY.PEEK[]');
const alone = (line: string, uid: number) => line.startsWith(`UID FETCH ${uid} `);

describe('invariant 3: every listed UID is answered, whatever the server does', () => {
  test('an ordinary server: EXAMINE and BODY.PEEK[] only, INTERNALDATE and flags kept', async () => {
    const { found, server } = await run(() => false);
    expect(outcomes(found)).toEqual(whole);
    expect(found.find((one) => one.kind === 'message')?.place).toEqual({
      custodian: 'c',
      mailbox: 'INBOX',
      format: 'imap',
      uidValidity: '7',
      uid: 1,
      internalDate: Date.UTC(2021, 1, 1, 10),
      flags: ['\\Flagged'],
    });
    expect(server.commands.filter((line) => /^SELECT|BODY\[/u.test(line))).toEqual([]);
  });

  test('OK without any data: each message is asked for alone', async () => {
    const { found } = await run(({ line, socket, tag }, server) => {
      if (!line.startsWith('UID FETCH 1:3')) return false;
      server.ok(socket, tag, 'FETCH completed');
      return true;
    });
    expect(outcomes(found)).toEqual(whole);
  });

  test('one of three, then OK: the other two are asked for alone', async () => {
    const { found } = await run(({ line, socket, tag }, server) => {
      if (!line.startsWith('UID FETCH 1:3') || !fetchesBodies(line)) return false;
      server.row(socket, 2, line);
      server.ok(socket, tag);
      return true;
    });
    expect(outcomes(found)).toEqual(whole);
  });

  test('listed and never sent: failed as not-returned, its neighbours unharmed', async () => {
    const { found } = await run(({ line, socket, tag }, server) => {
      if (!line.startsWith('UID FETCH')) return false;
      for (const uid of [1, 3]) if (!alone(line, 2)) server.row(socket, uid, line);
      server.ok(socket, tag);
      return true;
    });
    expect(outcomes(found)).toEqual(['1:22', '2:not-returned', '3:22']);
  });

  test('expunged between listing and fetching: gone', async () => {
    const { found } = await run(({ line, socket, tag }, server) => {
      if (!line.startsWith('UID FETCH 1:3')) return false;
      const left = messages(3);
      left.delete(2);
      server.mailbox = { uidValidity: '7', messages: left };
      for (const uid of [1, 3]) server.row(socket, uid, line);
      socket.write(`${tag} NO Some of the requested messages no longer exist.\r\n`);
      return true;
    });
    expect(outcomes(found)).toEqual(['1:22', '2:gone', '3:22']);
  });

  test('BODY[] NIL, always: failed as nil-body', async () => {
    const { found } = await run(({ line, socket, tag }, server) => {
      if (!fetchesBodies(line) && !line.includes('BODY.PEEK[]<')) return false;
      for (const uid of [1, 2, 3]) {
        if (line.startsWith('UID FETCH 1:3') || alone(line, uid))
          server.row(socket, uid, line, uid === 2 ? { body: null } : {});
      }
      server.ok(socket, tag);
      return true;
    });
    expect(outcomes(found)).toEqual(['1:22', '2:nil-body', '3:22']);
  });

  test('BODY[] NIL once: the message is had by asking again', async () => {
    const { found } = await run(({ line, socket, tag }, server) => {
      if (!line.startsWith('UID FETCH 1:3') || !fetchesBodies(line)) return false;
      for (const uid of [1, 2, 3]) server.row(socket, uid, line, { body: null });
      server.ok(socket, tag);
      return true;
    });
    expect(outcomes(found)).toEqual(whole);
  });

  test('an empty literal for a message with a size: failed as empty; with size 0 it is an empty message', async () => {
    const nothing = Buffer.alloc(0);
    const misbehave: Misbehaviour = ({ line, socket, tag }, server) => {
      if (!line.startsWith('UID FETCH')) return false;
      for (const uid of [1, 2, 3]) {
        if (!line.startsWith('UID FETCH 1:3') && !alone(line, uid)) continue;
        server.row(socket, uid, line, uid === 1 ? {} : { body: nothing, ...(uid === 3 ? { size: 0 } : {}) });
      }
      server.ok(socket, tag);
      return true;
    };
    expect(outcomes((await run(misbehave)).found)).toEqual(['1:22', '2:empty', '3:0']);
  });

  test('a body shorter than its declared size is taken, and the difference noted', async () => {
    const { found } = await run(({ line, socket, tag }, server) => {
      if (!line.startsWith('UID FETCH')) return false;
      for (const uid of [1, 2, 3]) server.row(socket, uid, line, { size: 500 });
      server.ok(socket, tag);
      return true;
    });
    expect(outcomes(found)).toEqual(whole);
    expect(found.filter((one) => one.kind === 'message').map((one) => one.declaredSize)).toEqual([500, 500, 500]);
  });

  test('rows that were not asked for, twice the same, and changes of flags among them do no harm', async () => {
    const { found } = await run(({ line, socket, tag }, server) => {
      if (!fetchesBodies(line)) return false;
      socket.write('* 2 FETCH (UID 2 FLAGS (\\Seen))\r\n* 9 FETCH (UID 999 BODY[] {1}\r\nx)\r\n');
      for (const uid of [3, 1, 1, 2]) server.row(socket, uid, line);
      server.ok(socket, tag);
      return true;
    });
    expect(outcomes(found)).toEqual(whole);
  });

  test('the socket dies within a literal: a new connection goes on where it broke', async () => {
    const { found, server } = await run(({ line, socket, connection }, scripted) => {
      if (connection > 1 || !fetchesBodies(line)) return false;
      scripted.row(socket, 1, line);
      socket.write('* 2 FETCH (UID 2 BODY[] {22}\r\nSubj');
      socket.end();
      return true;
    });
    expect(outcomes(found)).toEqual(whole);
    expect(server.connections).toBe(2);
  });

  test('a message that breaks every connection is failed as refused, all others come', async () => {
    const { found } = await run(({ line, socket }, server) => {
      if (!fetchesBodies(line)) return false;
      if (!line.includes('1:3') && !line.includes('2:3') && !alone(line, 2)) return false;
      if (line.includes('1:3')) server.row(socket, 1, line);
      socket.end();
      return true;
    });
    expect(outcomes(found)).toEqual(['1:22', '2:refused', '3:22']);
  });

  test('a message that the server answers with NO is failed as refused', async () => {
    const { found } = await run(({ line, socket, tag }) => {
      if (!fetchesBodies(line) && !line.includes('BODY.PEEK[]<')) return false;
      if (!line.includes('1:3') && !alone(line, 2)) return false;
      socket.write(`${tag} NO internal error on this message\r\n`);
      return true;
    });
    expect(outcomes(found)).toEqual(['1:22', '2:refused', '3:22']);
  });

  test('SEARCH is refused: UID FETCH 1:* lists', async () => {
    const { found } = await run(({ line, socket, tag }) => {
      if (!line.startsWith('UID SEARCH')) return false;
      socket.write(`${tag} BAD not today\r\n`);
      return true;
    });
    expect(outcomes(found)).toEqual(whole);
  });

  test('SEARCH is cut short: UID FETCH 1:* lists the rest', async () => {
    const { found } = await run(({ line, socket, tag }, server) => {
      if (line !== 'UID SEARCH ALL') return false;
      socket.write('* SEARCH 1\r\n');
      server.ok(socket, tag);
      return true;
    });
    expect(outcomes(found)).toEqual(whole);
  });
});

describe('invariant 5: UIDVALIDITY', () => {
  test('is kept as the server wrote it, also beyond 32 bits', async () => {
    await using server = await ScriptedImapServer.start({ uidValidity: '1666390893380', messages: messages(1) });
    const asked: string[] = [];
    const found = await collect(source(server.port), (uidValidity) => {
      asked.push(uidValidity);
      return new UidSet();
    });
    expect(asked).toEqual(['1666390893380']);
    expect(found.find((one) => one.kind === 'message')?.place.uidValidity).toBe('1666390893380');
  });

  test.each(['0', undefined])('%s: nothing is taken as accounted for', async (uidValidity) => {
    await using server = await ScriptedImapServer.start({ uidValidity, messages: messages(3) });
    expect(outcomes(await collect(source(server.port), () => UidSet.of([1, 2, 3])))).toEqual(whole);
  });

  test('changed without a word while messages were fetched: all are fetched again under the new value', async () => {
    const { found } = await run(({ line }, server) => {
      if (fetchesBodies(line)) server.mailbox = { uidValidity: '8', messages: messages(2) };
      return false;
    });
    const places = found
      .filter((one) => one.kind === 'message')
      .map(({ place }) => `${place.uidValidity}/${place.uid}`);
    expect(places).toEqual(expect.arrayContaining(['8/1', '8/2']));
  });
});

describe('a clear fault instead of silence', () => {
  test('a server that always hangs up after the login: unreachable, after a bounded number of connections', async () => {
    await using server = await ScriptedImapServer.start(
      { uidValidity: '7', messages: messages(3) },
      ({ line, socket }) => {
        if (!line.startsWith('EXAMINE')) return false;
        socket.end();
        return true;
      },
    );
    await expect(collect(source(server.port))).rejects.toMatchObject({ code: 'unreachable' });
    expect(server.connections).toBe(6);
  });

  test('nobody listens: unreachable', async () => {
    const server = await ScriptedImapServer.start({ uidValidity: '7', messages: messages(1) });
    const { port } = server;
    await server[Symbol.asyncDispose]();
    await expect(collect(source(port))).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('a server that chatters and never answers is given up', async () => {
    const chatter = new Set<NodeJS.Timeout>();
    await using server = await ScriptedImapServer.start(
      { uidValidity: '7', messages: messages(1) },
      ({ line, socket }) => {
        if (!line.startsWith('UID SEARCH')) return false;
        chatter.add(setInterval(() => socket.write('* OK still thinking\r\n'), 5));
        return true;
      },
    );
    try {
      const options = { times: { stallMs: 60 }, reconnect: { lossesMax: 1, waitFirstMs: 1, waitMaxMs: 1 } };
      await expect(collect(source(server.port, options))).rejects.toMatchObject({ code: 'unreachable' });
    } finally {
      for (const timer of chatter) clearInterval(timer);
    }
  });

  test('a refused login is not tried again; a busy server is another fault', async () => {
    for (const [text, code] of [
      ['[AUTHENTICATIONFAILED] no', 'login-refused'],
      ['[UNAVAILABLE] later', 'throttled'],
    ] as const) {
      await using server = await ScriptedImapServer.start({ uidValidity: '7', messages: messages(1) }, (command) => {
        if (!command.line.startsWith('LOGIN')) return false;
        command.socket.write(`${command.tag} NO ${text}\r\n`);
        return true;
      });
      await expect(collect(source(server.port))).rejects.toMatchObject({ code });
      expect(server.connections).toBe(1);
    }
  });

  test('a server that throttles every FETCH: throttled, and nothing counts as failed', async () => {
    const wait = 'Request is throttled. Suggested Backoff Time: 1 milliseconds';
    await using server = await ScriptedImapServer.start({ uidValidity: '7', messages: messages(1) }, (command) => {
      if (!command.line.startsWith('UID FETCH')) return false;
      command.socket.write(`${command.tag} BAD ${wait}\r\n`);
      return true;
    });
    const found: Found[] = [];
    const account = { accounted: async () => await Promise.resolve(new UidSet()) };
    const reading = (async () => {
      for await (const one of source(server.port).sightings(account, new AbortController().signal)) found.push(one);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'throttled' });
    expect(found.map(({ kind }) => kind)).toEqual(['known']);
  });

  test('a mailbox that cannot be opened is failed, the others are read', async () => {
    await using server = await ScriptedImapServer.start({ uidValidity: '7', messages: messages(3) }, (command) => {
      if (!command.line.includes('Broken')) return false;
      command.socket.write(`${command.tag} NO no such mailbox\r\n`);
      return true;
    });
    const found = await collect(source(server.port, { mailboxes: ['Broken', 'INBOX'] }));
    expect(outcomes(found)).toEqual([...whole, 'undefined:refused']);
  });

  test('stopping ends the pass with the signal’s reason, and closes the connection', async () => {
    await using server = await ScriptedImapServer.start({ uidValidity: '7', messages: messages(3) });
    const stop = new AbortController();
    const reason = new Error('asked to stop');
    const reading = (async () => {
      const account = { accounted: async () => await Promise.resolve(new UidSet()) };
      for await (const found of source(server.port).sightings(account, stop.signal)) {
        if (found.kind === 'known') stop.abort(reason);
      }
    })();
    await expect(reading).rejects.toBe(reason);
  });
});

describe('large messages', () => {
  const size = 17 * 1024 * 1024 + 3;
  const large = Buffer.alloc(size, 'Subject: large\r\n');

  test('come in parts, through a file, byte for byte', async () => {
    await using server = await ScriptedImapServer.start({ uidValidity: '7', messages: new Map([[5, large]]) });
    const [found] = (await collect(source(server.port))).filter((one) => one.kind === 'message');
    if (found === undefined || !('file' in found.content)) throw new Error('no file');
    expect((await readFile(found.content.file)).equals(large)).toBe(true);
    expect(found.size).toBe(size);
    expect(server.commands.filter((line) => line.includes('BODY.PEEK[]<'))).toHaveLength(5);
    await rm(found.content.file);
  });

  test('a server that ignores the bounds of a part has sent the whole', async () => {
    await using server = await ScriptedImapServer.start(
      { uidValidity: '7', messages: new Map([[5, large]]) },
      (command, own) => {
        if (!command.line.includes('BODY.PEEK[]<')) return false;
        own.row(command.socket, 5, command.line.replace(/<\d+\.\d+>/u, ''));
        own.ok(command.socket, command.tag);
        return true;
      },
    );
    const [found] = (await collect(source(server.port))).filter((one) => one.kind === 'message');
    expect(found?.size).toBe(size);
    if (found !== undefined && 'file' in found.content) await rm(found.content.file);
    expect(await readdir(folder)).toEqual([]);
  });
});
