import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runThere } from '../../../services/app/control/control-client.ts';
import { ControlServer, type Handler } from '../../../services/app/control/control-server.ts';
import type { Io, Progress } from '../../../services/app/cli/io.ts';

const request = { command: 'status', input: {}, json: false };

/** Keeps what a command says. */
class KeptIo implements Io {
  readonly json = false;
  readonly aborting = new AbortController();
  readonly signal = this.aborting.signal;
  readonly results: object[] = [];
  readonly texts: string[] = [];
  readonly notes: string[] = [];
  readonly chunks: Uint8Array[] = [];
  readonly progresses: Progress[] = [];

  result(value: object, text: string): void {
    this.results.push(value);
    this.texts.push(text);
  }

  taken(): Promise<void> {
    return Promise.resolve();
  }

  bytes(chunk: Uint8Array): Promise<void> {
    this.chunks.push(chunk);
    return Promise.resolve();
  }

  note(text: string): void {
    this.notes.push(text);
  }

  progress(progress: Progress): void {
    this.progresses.push(progress);
  }
}

/** Waits until the signal of its command is aborted; says so. */
function waiting(): { readonly handler: Handler; readonly begun: Promise<void>; readonly aborted: Promise<void> } {
  const begun = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<void>();
  const handler: Handler = async (_request, io) => {
    begun.resolve();
    if (!io.signal.aborted) await once(io.signal, 'abort');
    aborted.resolve();
    throw io.signal.reason;
  };
  return { handler, begun: begun.promise, aborted: aborted.promise };
}

describe('control socket', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muniment-control-'));
    path = join(folder, 'control.sock');
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function dialled(): Promise<Socket> {
    const socket = connect(path).on('error', () => {});
    await once(socket, 'connect');
    return socket.resume();
  }

  test('who has connected and is not heard any more has had nothing run, and may try again', async () => {
    const server = createServer((socket) => void socket.on('error', () => {}).on('data', () => socket.destroy()));
    server.listen(path);
    await once(server, 'listening');
    expect(await runThere(path, request, new KeptIo())).toBeUndefined();
    await new Promise((resolve) => server.close(resolve));

    const { handler } = waiting();
    const closing = await ControlServer.open(path, handler);
    const asked = runThere(path, request, new KeptIo());
    await closing.drain();
    expect(await asked).toBeUndefined();
  });

  test('carries results, bytes, notes, progress and the exit code unchanged', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index & 0xff));
    const awkward = 'a\u2028b\u2029c\rd\ne\u0000f \uD83D\uDCE7';
    await using _server = await ControlServer.open(path, async (asked, io) => {
      io.result({ asked }, awkward);
      io.note(awkward);
      io.progress({ what: 'Archived', done: 3, total: 10, bytes: 7 });
      for (let from = 0; from < bytes.length; from += 65_536) await io.bytes(bytes.subarray(from, from + 65_536));
      return 7;
    });
    const io = new KeptIo();
    const sent = { ...request, input: { query: awkward } };
    expect(await runThere(path, sent, io)).toBe(7);
    expect(io).toMatchObject({ results: [{ asked: sent }], texts: [awkward], notes: [awkward] });
    expect(io.progresses).toEqual([expect.objectContaining({ what: 'Archived', done: 3, total: 10, bytes: 7 })]);
    expect(Buffer.concat(io.chunks).equals(bytes)).toBe(true);
  });

  test('nobody there is no answer, also where a socket was left', async () => {
    expect(await runThere(path, request, new KeptIo())).toBeUndefined();
    const left = createServer().listen(path);
    await once(left, 'listening');
    left.close();
    expect(await runThere(path, request, new KeptIo())).toBeUndefined();
  });

  test.each([
    ['no JSON', 'GET / HTTP/1.1\r\n\r\n'],
    ['another object', '{"run":"rm"}\n'],
    ['a member too many', '{"command":"status","input":{},"json":true,"as":"root"}\n'],
    ['2 MB without an end', 'x'.repeat(2 * 1024 * 1024)],
    ['bytes', '\u0000\u0001\u0002\n\n\n'],
  ])('%s is hung up on, and the next one is served', async (_what, text) => {
    let commands = 0;
    await using _server = await ControlServer.open(path, () => Promise.resolve((commands += 1)));
    const socket = await dialled();
    const closed = new Promise((done) => socket.once('close', done));
    socket.write(text);
    await closed;
    expect(commands).toBe(0);
    expect(await runThere(path, request, new KeptIo())).toBe(1);
  });

  test('a request that comes in pieces is understood', async () => {
    await using _server = await ControlServer.open(path, ({ command }) => Promise.resolve(command.length));
    const socket = await dialled();
    const line = Buffer.from(`${JSON.stringify({ ...request, command: 'étude' })}\n`);
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    for (const byte of line) socket.write(Buffer.of(byte));
    await once(socket, 'close');
    const replies: unknown[] = answer
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(replies).toEqual([{ kind: 'taken' }, { kind: 'exit', code: 5 }]);
  });

  test('what is too long to send is refused before it is sent', async () => {
    const long = { ...request, input: 'x'.repeat(1024 * 1024) };
    await expect(runThere(path, long, new KeptIo())).rejects.toMatchObject({ code: 'usage' });
  });

  test('hanging up in the middle aborts the command at the other end', async () => {
    const { handler, begun, aborted } = waiting();
    await using server = await ControlServer.open(path, handler);
    const socket = await dialled();
    socket.write(`${JSON.stringify(request)}\n`);
    await begun;
    socket.destroy();
    await aborted;
    await server.drain();
    expect(server.busy).toBe(0);
  });

  test('Ctrl-C here aborts the command there', async () => {
    const { handler, begun, aborted } = waiting();
    await using _server = await ControlServer.open(path, handler);
    const io = new KeptIo();
    const run = runThere(path, request, io);
    await begun;
    io.aborting.abort(new Error('interrupted'));
    await expect(run).rejects.toThrow('interrupted');
    await aborted;
  });

  test.each(['bytes', 'results'])('a reader that takes no %s does not make the other end keep them', async (what) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let written = 0;
    await using server = await ControlServer.open(path, async (_asked, io) => {
      try {
        for (; written < 64; written++) {
          if (what === 'bytes') await io.bytes(Buffer.alloc(1024 * 1024));
          else io.result({}, 'x'.repeat(1024 * 1024));
          await io.taken();
        }
      } finally {
        resolve();
      }
      return 0;
    });
    const socket = connect(path).on('error', () => {});
    socket.pause();
    socket.write(`${JSON.stringify(request)}\n`);
    await once(socket, 'readable');
    expect(written).toBeLessThan(8);
    socket.destroy();
    await promise;
    await server.drain();
    expect(written).toBeLessThan(64);
  });

  test('draining waits for what runs, not for those who say nothing', async () => {
    const gate = Promise.withResolvers<number>();
    const begun = Promise.withResolvers<void>();
    await using server = await ControlServer.open(path, () => {
      begun.resolve();
      return gate.promise;
    });
    const silent = await dialled();
    const run = runThere(path, request, new KeptIo());
    await begun.promise;
    const drained = server.drain();
    await once(silent, 'close');
    expect(server.busy).toBe(1);
    gate.resolve(0);
    expect(await run).toBe(0);
    await drained;
    expect(await runThere(path, request, new KeptIo())).toBeUndefined();
  });

  test('closing aborts what runs, tells its caller, and takes the socket away', async () => {
    const { handler, begun } = waiting();
    const server = await ControlServer.open(path, handler);
    const io = new KeptIo();
    const run = runThere(path, request, io);
    await begun;
    await server[Symbol.asyncDispose]();
    expect(await run).toBe(2);
    expect(io.notes).toEqual(['the process that has the archive open is stopping']);
    expect(await runThere(path, request, new KeptIo())).toBeUndefined();
  });

  test('an end without an answer is said to be one', async () => {
    const taken = `${JSON.stringify({ kind: 'taken' })}\n`;
    const other = createServer((socket) => {
      socket.once('data', () => socket.write(taken, () => socket.destroy()));
    }).listen(path);
    await once(other, 'listening');
    await expect(runThere(path, request, new KeptIo())).rejects.toMatchObject({ code: 'connection-lost' });
    other.close();
  });
});
