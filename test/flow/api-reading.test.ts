import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openApi, routes } from '#api';
import { digestOf } from '#kernel';
import type { Entry } from '#ledger';
import { writeSampleMail } from '../../scripts/sample-mail/index.ts';
import { type Answer, problemIn, ServedApi } from '../served-api.ts';
import { letter } from '../whole-archive.ts';

const run = promisify(execFile);

/** More than is kept in memory anywhere on the way, and than the buffers of a connection hold. */
const large = Buffer.concat([letter(1, 'enormous'), Buffer.alloc(18 * 1024 * 1024, 'all work and no play\r\n')]);
const planted = letter(2, 'plantedword');

function rawPath(bytes: Buffer): string {
  return `/api/v1/messages/${digestOf(bytes)}/raw`;
}

function isReading(entry: Entry): boolean {
  return entry.kind === 'read' || entry.kind === 'search';
}

describe('reading over HTTP', () => {
  let api: ServedApi;
  let messages: number;

  beforeAll(async () => {
    api = await ServedApi.open();
    const sample = join(api.folder, 'sample');
    await writeSampleMail(sample);
    await api.import(sample);
    await api.archive('ada', [large, planted]);
    messages = api.deployment.catalog.messages.totals().messages;
  });

  afterAll(() => api[Symbol.asyncDispose]());

  test('a query that takes too much is refused with what to do, and whoever hangs up calls it off (invariant 33)', async () => {
    const { index } = api.deployment;
    const search = index.search.bind(index);
    index.search = (request) => search(request, { milliseconds: 0 });
    const { status, body } = await api.call('/search?q=the');
    expect([status, body['code'], body['remedy']]).toEqual([
      422,
      'query-too-costly',
      expect.stringContaining('Narrow it'),
    ]);
    const [asked, calledOff] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    index.search = (request, limits) => {
      limits?.signal?.addEventListener('abort', () => calledOff.resolve());
      asked.resolve();
      return calledOff.promise.then(() => search(request, limits));
    };
    const hungUp = new AbortController();
    const answer = expect(api.fetch('/api/v1/search?q=the', { signal: hungUp.signal })).rejects.toThrow('abort');
    const { size } = api.deployment.ledger.head;
    await asked.promise;
    hungUp.abort();
    await Promise.all([answer, calledOff.promise]);
    index.search = search;
    await api.call('/search/count?q=the');
    expect((await api.entries(size)).filter(isReading)).toHaveLength(1);
    expect(api.reported).toEqual([]);
  });

  describe('paging', () => {
    test('by date reaches every hit exactly once, whatever arrives meanwhile', async () => {
      const arrive = (page: number) => api.archive('late', [letter(100 + page, 'the')]);
      expectWhole(await pages(api, 'the', 'date', arrive));
    });

    test('by relevance reaches every hit exactly once', async () => {
      expectWhole(await pages(api, 'the', 'relevance'));
    });

    test('the largest page stays within the schema', async () => {
      const { body } = await api.call('/search?q=the&limit=1000');
      expect(body['hits']).toHaveLength(Number(body['total']));
      expect(body['next']).toBeUndefined();
    });
  });

  test('folded, copies are one hit, on pages and in the whole list', async () => {
    const { body } = await api.call('/search?q=*&fold=true&limit=1000');
    const hits = body['hits'] as { copies: { messages: number; digests: string[] } }[];
    expect(hits).toHaveLength(Number(body['distinct']));
    const folded = hits.reduce((sum, { copies }) => sum + copies.messages, 0);
    expect([folded > 0, hits.length + folded]).toEqual([true, body['total']]);
    const lines = (await (await api.fetch('/api/v1/search/results?q=*&fold=true')).text()).trim().split('\n');
    expect(lines).toHaveLength(hits.length + 1);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ end: true, total: body['total'], distinct: hits.length });
    const [copy = ''] = hits.find(({ copies }) => copies.messages > 0)?.copies.digests ?? [];
    const { body: thread } = await api.call(`/search?q=thread:${copy}&fold=true`);
    expect([Number(thread['total']) > Number(thread['distinct']), thread['complete']]).toEqual([true, true]);
  });

  describe('raw bytes', () => {
    test.each([
      ['a small message', planted],
      ['18 MB', large],
    ])('of %s are those that were received (invariant 2)', async (_what, bytes) => {
      const response = await api.fetch(rawPath(bytes));
      expect(response.headers.get('content-type')).toBe('message/rfc822');
      expect(response.headers.get('content-length')).toBe(String(bytes.length));
      expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${digestOf(bytes)}.eml"`);
      expect(digestOf(Buffer.from(await response.arrayBuffer()))).toBe(digestOf(bytes));
    });

    test('of every sample message are those of its file', async () => {
      const folder = join(api.folder, 'sample');
      const files = await readdir(folder, { recursive: true, withFileTypes: true });
      const some = files.filter((file) => file.isFile()).filter((_, index) => index % 25 === 0);
      expect(some.length).toBeGreaterThan(10);
      for (const file of some) {
        const bytes = await readFile(join(file.parentPath, file.name));
        const received = await (await api.fetch(rawPath(bytes))).arrayBuffer();
        expect(Buffer.from(received).equals(bytes)).toBe(true);
      }
    });

    test('HEAD says their number, sends none, and is no reading', async () => {
      const from = api.deployment.ledger.head.size;
      const response = await api.fetch(rawPath(large), { method: 'HEAD' });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-length')).toBe(String(large.length));
      expect(await response.text()).toBe('');
      expect(await api.entries(from)).toEqual([]);
    });

    test('a reader that hangs up in the middle is no failure of ours', async () => {
      const response = await slowly(api, rawPath(large));
      response.destroy();
      await once(response, 'close');
      expect((await api.call('/status')).status).toBe(200);
      expect(api.reported).toEqual([]);
    });
  });

  describe('the ledger has it first (invariant 30)', () => {
    const digest = digestOf(planted);
    const reads: readonly (readonly [string, string, object])[] = [
      ['raw bytes', `/messages/${digest}/raw`, { kind: 'read', what: 'raw' }],
      ['headers', `/messages/${digest}/headers`, { kind: 'read', what: 'headers' }],
      ['text', `/messages/${digest}/text`, { kind: 'read', what: 'text' }],
      ['a page of hits', '/search?q=plantedword', { kind: 'search', total: 1, shown: 1 }],
      ['a count', '/search/count?q=plantedword', { kind: 'search', total: 1, shown: 0 }],
      ['excerpts', '/search?q=plantedword&excerpts=true', { kind: 'search', shown: 1, excerpts: true }],
      ['facets', '/search/facets?q=plantedword', { kind: 'search', total: 1, shown: 0 }],
      ['a sample', '/search/sample?q=plantedword', { kind: 'search', total: 1, shown: 1 }],
    ];

    test.each(reads)('%s: one entry names who read', async (_what, path, expected) => {
      const from = api.deployment.ledger.head.size;
      const response = await api.fetch(`/api/v1${path}`);
      // The headers of the answer are here, so that its entry must be.
      const [entry, ...others] = await api.entries(from);
      await response.arrayBuffer();
      expect(entry).toMatchObject(expected);
      expect(entry).toHaveProperty('actor', expect.stringMatching(/^token-[0-9a-f]{32}$/u));
      expect(others).toEqual([]);
      // Invariant 31: neither content nor a secret.
      expect(JSON.stringify(entry)).not.toContain('harbour');
      expect(JSON.stringify(entry)).not.toContain(api.token);
    });

    test.each(reads)('%s: while nothing can be recorded, not a byte leaves', async (_what, path) => {
      const { size } = api.deployment.ledger.head;
      const before = api.reported.length;
      const response = await api.withoutLedger(() => api.fetch(`/api/v1${path}`));
      expect(response.headers.get('content-type')).toContain('application/problem+json');
      const { status, body } = await problemIn(response);
      expect({ status, code: body['code'] }).toEqual({ status: 503, code: 'store-unavailable' });
      expect(JSON.stringify(body)).not.toMatch(/plantedword|harbour|letter 2/u);
      expect(api.reported.splice(before)).toHaveLength(1);
      expect(api.deployment.ledger.head.size).toBe(size);
    });

    test('and when the medium is back, so is the service', async () => {
      const response = await api.fetch(rawPath(planted));
      expect(Buffer.from(await response.arrayBuffer()).equals(planted)).toBe(true);
    });
  });

  describe('exports', () => {
    test('are carried out, downloaded and checked with sha256sum alone (invariant 21)', async () => {
      const { body: begun } = await api.call('/exports', { selection: { query: 'plantedword OR enormous' } });
      const done = await ended(api, String(begun['id']));
      expect(done).toMatchObject({ state: 'done', done: 2, total: 2, error: null });
      expect(JSON.stringify(done)).not.toContain(api.folder);
      expect((await api.call('/exports')).body['exports']).toContainEqual(done);
      expect((await api.entries()).filter((entry) => entry.kind === 'export')).toHaveLength(1);
      const download = `/api/v1/exports/${String(begun['id'])}/download`;
      const head = await api.fetch(download, { method: 'HEAD' });
      const response = await api.fetch(download);
      expect(response.headers.get('content-type')).toBe('application/zip');
      const zip = Buffer.from(await response.arrayBuffer());
      expect(head.headers.get('content-length')).toBe(String(zip.length));
      await unpackAndCheck(join(api.folder, 'unpacked'), zip);
    });

    test('one that cannot succeed says so, and has nothing to download', async () => {
      const { body: matter } = await api.call('/matters', { name: 'Without holds' });
      const { body: begun } = await api.call('/exports', { selection: { matter: matter['id'] } });
      expect(await ended(api, String(begun['id']))).toMatchObject({ state: 'failed', error: expect.any(String) });
      const download = await api.fetch(`/api/v1/exports/${String(begun['id'])}/download`);
      expect(await problemIn(download)).toMatchObject({ status: 409, body: { code: 'export-unfinished' } });
    });

    test('after a disposal, neither message nor finished export is there (invariant 17)', async () => {
      const { body: begun } = await api.call('/exports', { selection: { query: 'plantedword' } });
      const id = String(begun['id']);
      await ended(api, id);
      const { reading, disposition, folder } = api.deployment;
      await disposition.dispose(reading.find(digestOf(planted)), 'by schedule', 'cli');
      expect(await problemIn(await api.fetch(rawPath(planted)))).toMatchObject({
        status: 410,
        body: { code: 'disposed' },
      });
      for (const kind of ['headers', 'text'])
        expect(await api.call(`/messages/${digestOf(planted)}/${kind}`)).toMatchObject({ status: 410 });
      const certificate = { reason: 'by schedule', disposed: expect.any(Number) };
      expect((await api.call(`/messages/${digestOf(planted)}`)).body).toMatchObject({ state: 'disposed', certificate });
      expect((await api.call('/search/count?q=plantedword')).body['total']).toBe(0);
      const download = await api.fetch(`/api/v1/exports/${id}/download`);
      expect(await problemIn(download)).toMatchObject({ status: 410, body: { code: 'disposed' } });
      await api.deployment.exports.discardFinished();
      expect(await readdir(folder.exports)).toEqual([]);
      expect((await api.entries()).filter(isReading).length).toBeGreaterThan(messages / 25);
    });

    test('bytes that come back are shown with the certificate of the generation before', async () => {
      await api.archive('ben', [planted]);
      const certificate = { reason: 'by schedule', disposed: expect.any(Number), orderedAt: expect.any(String) };
      expect((await api.call(`/messages/${digestOf(planted)}`)).body).toMatchObject({
        state: 'archived',
        generation: 2,
        certificate: null,
        earlier: [{ generation: 1, state: 'disposed', certificate }],
      });
    });
  });

  test('a message that is damaged in the archive is cut off, never ended as if it were whole', async () => {
    const { record } = api.deployment.folder;
    const segments = (await readdir(record, { recursive: true, withFileTypes: true })).filter((file) => file.isFile());
    const sizes = await Promise.all(
      segments.map(async (file) => (await readFile(join(file.parentPath, file.name))).length),
    );
    const largest = segments[sizes.indexOf(Math.max(...sizes))];
    const file = join(largest?.parentPath ?? '', largest?.name ?? '');
    const bytes = await readFile(file);
    await writeFile(
      file,
      bytes.map((byte, index) => (index > bytes.length - 600 ? byte ^ 0x55 : byte)),
    );
    const before = api.reported.length;
    await expect(
      api.fetch(rawPath(large)).then(async (response) => digestOf(Buffer.from(await okBytes(response)))),
    ).rejects.toThrow();
    await writeFile(file, bytes);
    expect(api.reported.splice(before)).toHaveLength(1);
  });

  test('the OpenAPI document names every mounted route, and only those', async () => {
    const document = (await (await api.fetch('/openapi.json')).json()) as {
      openapi: string;
      paths: Record<string, object>;
    };
    expect(document).toEqual(JSON.parse(JSON.stringify(openApi(routes, '1.2.3'))));
    expect(document.openapi).toBe('3.1.0');
    const named = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    const declared = routes.map(({ method, path }) => `${method} /api/v1${path}`);
    const plain = ['/healthz', '/metrics', '/openapi.json', '/readyz'].map((path) => `get ${path}`);
    expect(named.toSorted()).toEqual([...declared, ...plain].toSorted());
    for (const [path, item] of Object.entries(document.paths)) expectWellFormed(path, item, document);
  });
});

interface Page {
  readonly total: number;
  readonly asOf: number;
  readonly complete: boolean;
  readonly next?: string;
  readonly hits: readonly { readonly sequence: number }[];
}

/** All pages of a search, as of the moment of the first. */
async function pages(
  api: ServedApi,
  query: string,
  sort: string,
  between: (page: number) => Promise<void> = () => Promise.resolve(),
): Promise<Page[]> {
  const all: Page[] = [];
  let where = '';
  for (;;) {
    const { body } = await api.call(`/search?q=${query}&sort=${sort}&limit=40${where}`);
    const page = body as unknown as Page;
    all.push(page);
    if (page.next === undefined) return all;
    await between(all.length);
    where = `&asOf=${page.asOf}&after=${encodeURIComponent(page.next)}`;
  }
}

function expectWhole(all: readonly Page[]): void {
  const total = all[0]?.total ?? 0;
  expect(total).toBeGreaterThan(100);
  for (const page of all) expect(page).toMatchObject({ total, asOf: all[0]?.asOf, complete: true });
  const sequences = all.flatMap(({ hits }) => hits.map((hit) => hit.sequence));
  expect(sequences).toHaveLength(total);
  expect(new Set(sequences).size).toBe(total);
}

/** What the OpenAPI 3.1 meta-schema demands of the parts that are used. */
function expectWellFormed(path: string, item: object, document: object): void {
  for (const operation of Object.values(item) as Record<string, unknown>[]) {
    const parameters = (operation['parameters'] ?? []) as {
      name: string;
      in: string;
      required: boolean;
      schema: object;
    }[];
    const inPath = parameters.filter((one) => one.in === 'path');
    expect(inPath.map((one) => `{${one.name}}`)).toEqual([...path.matchAll(/\{\w+\}/gu)].map(String));
    expect(inPath.every((one) => one.required)).toBe(true);
    for (const { schema } of parameters) expect(typeof schema).toBe('object');
    for (const [status, response] of Object.entries(operation['responses'] as object)) {
      expect(status).toMatch(/^(\d{3}|default)$/u);
      const { $ref } = response as { $ref?: string };
      const target = $ref === undefined ? response : at(document, $ref);
      expect(target).toMatchObject({ description: expect.any(String), content: expect.any(Object) });
    }
  }
}

function at(document: unknown, reference: string): unknown {
  let found = document;
  for (const name of reference.split('/').slice(1)) found = (found as Record<string, unknown>)[name];
  return found;
}

async function okBytes(response: Response): Promise<ArrayBuffer> {
  if (response.status !== 200) throw new Error(`status ${response.status}`);
  return response.arrayBuffer();
}

/** Begins to read, and stops taking more. */
async function slowly(api: ServedApi, path: string): Promise<IncomingMessage> {
  const sent = get(`${api.url}${path}`, { headers: { authorization: `Bearer ${api.token}` } });
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  await once(response, 'readable');
  response.read(1);
  return response;
}

async function ended(api: ServedApi, id: string): Promise<Answer['body']> {
  for (;;) {
    const { body } = await api.call(`/exports/${id}`);
    if (body['state'] === 'done' || body['state'] === 'failed') return body;
    await setTimeout(20);
  }
}

async function unpackAndCheck(folder: string, zip: Buffer): Promise<void> {
  await mkdir(folder);
  await writeFile(join(folder, 'export.zip'), zip);
  await run('unzip', ['-q', 'export.zip'], { cwd: folder });
  const sums = (await readdir(folder, { recursive: true })).find((name) => name.endsWith('SHA256SUMS')) ?? '';
  const { stdout } = await run('sha256sum', ['-c', 'SHA256SUMS'], { cwd: join(folder, sums, '..') });
  expect(stdout.trim().split('\n').length).toBeGreaterThan(3);
}
