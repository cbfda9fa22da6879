import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { createHealth, Metrics } from '#api';

test('a process that cannot answer searches is not ready, and says that it is the search (invariant 28)', async () => {
  let trouble: string | undefined;
  const options = { version: '1.2.3', report: () => undefined, ready: () => true, searchTrouble: () => trouble };
  const parts = { metrics: new Metrics(), tokens: { actorOf: () => undefined } };
  await using server = createServer(createHealth(parts, options)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const asked = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, { headers: { connection: 'close' } });
    return [response.status, await response.json()];
  };
  expect(await asked()).toEqual([200, { status: 'ready' }]);
  trouble = 'out of memory';
  expect(await asked()).toEqual([503, { status: 'not ready', search: 'down' }]);
});
