import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describeVariant } from '../describe-variant.ts';
import { ownServer, sharedServer } from '../servers.ts';

/** What Redis answers to one command, as it comes. */
async function ask(url: string, ...words: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  try {
    socket.write(`${words.join(' ')}\r\n`);
    const [answer] = await once(socket, 'data');
    return String(answer);
  } finally {
    socket.destroy();
  }
}

describeVariant('redis', 'a server that belongs to a test', () => {
  test('is killed, and started again on the same port with its data', async () => {
    await using server = await ownServer('redis', { args: ['--appendfsync', 'always'] });
    expect(await ask(server.url, 'SET', 'kept', 'yes')).toBe('+OK\r\n');
    const before = server.pid;
    await server.kill();
    await expect(ask(server.url, 'PING')).rejects.toThrow('ECONNREFUSED');
    await server.start();
    expect(server.pid).not.toBe(before);
    expect(await ask(server.url, 'GET', 'kept')).toBe('$3\r\nyes\r\n');
  });

  test('may be killed by its pid, and is its own', async () => {
    await using first = await ownServer('redis');
    await using second = await ownServer('redis');
    expect(first.url).not.toBe(second.url);
    process.kill(first.pid, 'SIGKILL');
    await first.stop();
    expect(await ask(second.url, 'PING')).toBe('+PONG\r\n');
  });

  test('stops although it was suspended', async () => {
    const server = await ownServer('redis');
    process.kill(server.pid, 'SIGSTOP');
    await server[Symbol.asyncDispose]();
    await expect(ask(server.url, 'PING')).rejects.toThrow('ECONNREFUSED');
  });

  test('says why it does not start', async () => {
    await expect(ownServer('redis', { args: ['--no-such-option', '1'] })).rejects.toThrow('no-such-option');
  });

  test('is not the one that the run shares, which is one for all', async () => {
    const [first, second] = await Promise.all([sharedServer('redis'), sharedServer('redis')]);
    await using own = await ownServer('redis');
    expect(first.url).toBe(second.url);
    expect(own.url).not.toBe(first.url);
    expect(await ask(first.url, 'PING')).toBe('+PONG\r\n');
  });
});
