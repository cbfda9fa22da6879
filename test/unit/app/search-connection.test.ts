import { describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readConfig } from '../../../services/app/config.ts';
import { searchConnectionOf } from '../../../services/app/search-connection.ts';
import { ElasticsearchIndex } from '../../../services/search/adapters/elasticsearch-index.ts';

/** What a server is told of who asks. */
async function authorizationOf(credentials: string): Promise<string | undefined> {
  let told: string | undefined;
  const server = createServer((request, response) => {
    told ??= request.headers.authorization;
    response.writeHead(403).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { search } = readConfig({ SEARCH_URL: `http://${credentials}127.0.0.1:${port}/north` });
  if (search.kind !== 'elasticsearch') throw new Error('it is an address of Elasticsearch');
  const options = { ...searchConnectionOf(search.node), name: search.name };
  await expect(ElasticsearchIndex.open(options)).rejects.toMatchObject({ code: 'index-unavailable' });
  server.close();
  server.closeAllConnections();
  return told;
}

describe('Elasticsearch is told who asks', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');

  test.each([
    ['a user and a password, with signs that an address cannot have', 'a%40b:p%2Fw@', `Basic ${base64('a@b:p/w')}`],
    ['an API key', `:${encodeURIComponent('aWQ6a2V5+/8=')}@`, 'ApiKey aWQ6a2V5+/8='],
    ['nobody', '', undefined],
  ])('%s', async (_what, credentials, expected) => {
    expect(await authorizationOf(credentials)).toBe(expected);
  });
});
