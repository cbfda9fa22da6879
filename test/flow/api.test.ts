import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { request } from 'node:http';
import { routes } from '#api';
import { parseCheckpoint, verifyCheckpoint, verifyProof } from '#ledger';
import { digestOf } from '#kernel';
import type { Io } from '../../services/app/cli/io.ts';
import { statusCommand } from '../../services/app/cli/status.ts';
import { problemIn, ServedApi } from '../served-api.ts';
import { letter } from '../whole-archive.ts';

const mail = Array.from({ length: 12 }, (_, index) => letter(index + 1));
const digests = mail.map((bytes) => digestOf(bytes));
const absent = 'f'.repeat(64);
const password = 'planted-password-7261';

describe('HTTP API', () => {
  let api: ServedApi;

  beforeAll(async () => {
    api = await ServedApi.open();
    await api.archive('ada', mail);
    const account = { host: '127.0.0.1', port: 1, user: 'ada', password, tls: 'none', custodian: 'ada' } as const;
    await api.deployment.sources.addImap({ name: 'office', ...account }, 'cli');
  });

  afterAll(() => api[Symbol.asyncDispose]());

  describe('who may ask', () => {
    const open = ['/healthz', '/readyz'];
    const paths = [
      ...routes.map(({ path }) => `/api/v1${path.replaceAll(/\{\w+\}/gu, 'x')}`),
      '/metrics',
      '/openapi.json',
      '/',
      '/api/v1/nothing',
      '/healthz/x',
    ];

    test.each(open)('%s answers without a token', async (path) => {
      const response = await fetch(`${api.url}${path}`);
      expect(response.status).toBe(200);
      expect(await response.json()).toHaveProperty('status');
    });

    test('nothing else does, and a wrong token is answered like none', async () => {
      const wrong = [
        '',
        'Bearer',
        'Bearer x',
        `Basic ${api.token}`,
        `Bearer ${api.token}x`,
        `bearer ${'a'.repeat(9000)}`,
      ];
      const answers = new Set<string>();
      for (const [index, path] of paths.entries())
        for (const method of ['GET', 'POST']) {
          const authorization = wrong[index % wrong.length] ?? '';
          const response = await fetch(`${api.url}${path}`, { method, headers: { authorization } });
          expect(response.headers.get('www-authenticate')).toBe('Bearer');
          answers.add(JSON.stringify((await problemIn(response)).body));
        }
      for (const authorization of wrong) {
        const response = await fetch(`${api.url}/api/v1/status`, { headers: { authorization } });
        answers.add(JSON.stringify((await problemIn(response)).body));
      }
      expect([...answers]).toHaveLength(1);
      expect([...answers][0]).toContain('"status":401');
    });

    test('a rotated token voids the one before at once', async () => {
      const before = api.token;
      api.token = await api.deployment.tokens.rotate('cli');
      const old = await fetch(`${api.url}/api/v1/status`, { headers: { authorization: `Bearer ${before}` } });
      expect(old.status).toBe(401);
      await old.body?.cancel();
      expect((await api.call('/status')).status).toBe(200);
    });
  });

  describe('every route', () => {
    test('searches, counts and says as of when', async () => {
      expect((await api.call('/search?q=harbour+or+pier')).body['warnings']).toEqual([
        expect.stringContaining('write OR'),
      ]);
      const { body } = await api.call('/search?q=harbour&limit=5');
      expect(body).toMatchObject({ total: 12, complete: true, hits: { length: 5 }, next: expect.any(String) });
      expect((await api.call('/search/count?q=harbour')).body).toMatchObject({ total: 12, complete: true });
      const asOf = Number(body['asOf']);
      expect((await api.call(`/search?q=harbour&asOf=${asOf}&sort=relevance`)).body['total']).toBe(12);
      const early = api.deployment.catalog.messages.byDigest(digestOf(letter(1)))?.sequence ?? 0;
      expect((await api.call(`/search/count?q=harbour&asOf=${early - 1}`)).body).toMatchObject({
        total: 0,
        asOf: early - 1,
      });
    });

    test('divides what is found, draws a sample of it, and repeats a search', async () => {
      const { body: counted } = await api.call('/search/count?q=harbour');
      const { body: faceted } = await api.call('/search/facets?q=harbour&by=custodian,year');
      expect(faceted).toMatchObject({ total: 12, complete: true, set: counted['set'] });
      expect(faceted['facets']).toMatchObject([{ name: 'custodian' }, { name: 'year', buckets: [{ messages: 12 }] }]);
      const response = await api.fetch('/api/v1/search/results?q=harbour');
      const lines = (await response.text()).trimEnd().split('\n');
      expect(lines.map((line) => Object.hasOwn(JSON.parse(line), 'digest'))).toEqual([...Array(12).fill(true), false]);
      expect(JSON.parse(lines[12] ?? '')).toMatchObject({ end: true, total: 12, complete: true, set: counted['set'] });
      const { body: sample } = await api.call('/search/sample?q=harbour&confidence=90&margin=20&seed=x');
      expect(sample).toMatchObject({ total: 12, seed: 'x', hits: { length: 8 } });
      const { body: repetition } = await api.call(`/searches/${String(counted['search'])}/repetition`);
      const { body: listed } = await api.call('/searches?limit=2');
      expect(listed['searches']).toMatchObject([
        { query: 'harbour', shown: 0 },
        { query: 'harbour', shown: 8 },
      ]);
      expect(repetition).toMatchObject({ result: 'same', total: 12, recorded: 12, set: counted['set'], missing: [] });
    });

    test('describes a message, also by the beginning of its digest', async () => {
      const [digest = ''] = digests;
      const { body } = await api.call(`/messages/${digest}`);
      expect(body).toMatchObject({
        digest,
        size: mail[0]?.length,
        state: 'archived',
        sightings: [{ custodian: 'ada' }],
      });
      expect((await api.call(`/messages/${digest.slice(0, 10).toUpperCase()}`)).body).toEqual(body);
      expect((await api.call(`/messages/${digest}/headers`)).body['headers']).toContain('Subject: letter 1\n');
      expect((await api.call(`/messages/${digest}/text`)).body['text']).toContain('Letter 1 about the harbour');
    });

    test('keeps matters and holds', async () => {
      const { body: matter } = await api.call('/matters', { name: 'Harbour' });
      const id = String(matter['id']);
      const order = { matter: id, query: 'harbour', reason: 'a letter of claim' };
      const { warnings, matching, ...hold } = (await api.call('/holds', order)).body;
      expect([warnings, matching]).toEqual([[], 12]);
      expect(hold).toMatchObject({ matter: id, messages: 12, releasedAt: null });
      expect((await api.call(`/matters/${id}`)).body['holds']).toEqual([hold]);
      expect((await api.call('/matters')).body['matters']).toEqual([matter]);
      expect((await api.call('/holds')).body['holds']).toEqual([hold]);
      expect((await api.call(`/messages/${digests[3] ?? ''}`)).body['holds']).toEqual([hold['id']]);
      const released = await api.call(`/holds/${String(hold['id'])}/release`, { reason: 'settled' });
      expect(released.body['releasedAt']).toEqual(expect.any(String));
      const again = await api.call(`/holds/${String(hold['id'])}/release`, { reason: 'settled' });
      expect(again).toMatchObject({ status: 409, body: { code: 'hold-released' } });
      expect(await api.call('/matters', { name: 'Harbour' })).toMatchObject({
        status: 409,
        body: { code: 'matter-exists', remedy: expect.any(String) },
      });
    });

    test('names sources and what they brought, never a password (invariant 34)', async () => {
      const { body } = await api.call('/sources');
      expect(body['sources']).toContainEqual(
        expect.objectContaining({ collections: [expect.objectContaining({ found: 12, captured: 12, failed: 0 })] }),
      );
      expect(body['sources']).toContainEqual(expect.objectContaining({ name: 'office', host: '127.0.0.1' }));
      expect(JSON.stringify(body)).not.toContain(password);
      expect(JSON.stringify(body)).not.toMatch(/password/iu);
    });

    test('gives checkpoints and proofs that the verifiers of the ledger accept (invariant 20)', async () => {
      const { ledger, catalog } = api.deployment;
      const { publicKey } = ledger.head;
      const newest = await (await api.fetch('/api/v1/ledger/checkpoint')).text();
      expect(verifyCheckpoint(newest, publicKey)).toMatchObject({ size: ledger.head.size, root: ledger.head.root });
      const capture = catalog.messages.byDigest(digestOf(letter(6)))?.sequence ?? 0;
      const earlier = await (await api.fetch(`/api/v1/ledger/checkpoint?asOf=${capture}`)).text();
      expect(parseCheckpoint(earlier).size).toBe(capture + 1);
      for (const query of ['', `?asOf=${capture}`]) {
        const text = await (await api.fetch(`/api/v1/messages/${digests[5] ?? ''}/proof${query}`)).text();
        const proven = verifyProof(await ledger.entryBytes(capture), text, publicKey);
        expect(proven.index).toBe(capture);
        expect(() => verifyProof(Buffer.from('another'), text, publicKey)).toThrow('refused');
      }
    });

    test('says what the archive holds', async () => {
      const { body } = await api.call('/status');
      expect(body).toMatchObject({
        messages: 12,
        complete: true,
        indexTrouble: null,
        readOnly: false,
        lock: 'application',
      });
    });
  });

  describe('what is asked wrongly', () => {
    const end = '9'.repeat(15);
    const refused: readonly (readonly [number, string, string])[] = [
      [400, 'request-invalid', '/search'],
      [400, 'request-invalid', '/search?q='],
      [400, 'query-invalid', '/search?q=%28harbour'],
      [400, 'query-invalid', '/search/count?q=nosuchfield%3Ax%20AND'],
      [400, 'request-invalid', '/search?q=a&q=b'],
      [400, 'request-invalid', '/search?q[x]=a'],
      [400, 'request-invalid', '/search?q=a&__proto__[x]=1'],
      [400, 'request-invalid', '/search?q=a&__proto__=1'],
      [400, 'request-invalid', '/search?q=a&constructor=1'],
      [400, 'request-invalid', '/search?q=a&limit=0'],
      [400, 'request-invalid', '/search?q=a&limit=1001'],
      [400, 'request-invalid', '/search?q=a&limit=0x10'],
      [400, 'request-invalid', '/search?q=a&limit='],
      [400, 'request-invalid', '/search?q=a&asOf='],
      [400, 'request-invalid', '/search?q=a&asOf=-1'],
      [400, 'request-invalid', '/search?q=a&asOf=1.5'],
      [400, 'request-invalid', '/search?q=a&sort=size'],
      [400, 'request-invalid', '/search/facets?q=a&by=custodian,colour'],
      [400, 'request-invalid', '/search/sample?q=a&confidence=x'],
      [400, 'precision-invalid', '/search/sample?q=a&confidence=20'],
      [404, 'no-such-search', '/searches/0/repetition'],
      [404, 'no-such-search', '/searches/999999/repetition'],
      [400, 'as-of-beyond', `/search?q=a&asOf=${end}`],
      [400, 'as-of-beyond', `/search/count?q=a&asOf=${end}`],
      [400, 'as-of-beyond', `/ledger/checkpoint?asOf=${end}`],
      [400, 'as-of-before-capture', `/messages/${digests[0] ?? ''}/proof?asOf=0`],
      [400, 'cursor-invalid', '/search?q=a&after=nonsense'],
      [400, 'request-invalid', '/messages/abc'],
      [400, 'request-invalid', '/messages/..%2f..%2fetc%2fpasswd'],
      [400, 'request-invalid', '/messages/%zz'],
      [400, 'request-invalid', '/messages/%00%0d%0aX-Injected:%201/raw'],
      ...['', '/raw', '/headers', '/text', '/proof'].map(
        (rest) => [404, 'no-such-message', `/messages/${absent}${rest}`] as const,
      ),
      [404, 'no-such-matter', '/matters/nobody'],
      [404, 'no-such-matter', '/matters/__proto__'],
      [404, 'no-such-export', '/exports/export-x'],
      [404, 'no-such-export', '/exports/..%2f..%2ftoken.json/download'],
      [404, 'no-such-route', '/nothing'],
    ];

    test.each(refused)('%i %s: GET %s', async (status, code, path) => {
      const response = await api.fetch(`/api/v1${path}`);
      expect(response.headers.get('x-injected')).toBeNull();
      expect(await problemIn(response)).toMatchObject({ status, body: { code } });
    });

    test.each([
      ['a missing member', '/holds', { matter: 'x' }],
      ['a member too many', '/matters', { name: 'a', admin: true }],
      ['a wrong type', '/matters', { name: { $gt: '' } }],
      ['a name that is too long', '/matters', { name: 'a'.repeat(201) }],
      ['a selection of two things', '/exports', { selection: { query: 'a', all: true } }],
      ['a query that cannot be understood', '/exports', { selection: { query: '(a' } }],
    ])('a body with %s is refused', async (_what, path, body) => {
      expect((await api.call(path, body)).status).toBe(400);
    });

    test('a hold or an export of a matter that is not there is refused', async () => {
      const hold = { matter: 'nobody', query: 'a', reason: 'b' };
      expect(await api.call('/holds', hold)).toMatchObject({ status: 404, body: { code: 'no-such-matter' } });
      const order = { selection: { matter: 'nobody' } };
      expect(await api.call('/exports', order)).toMatchObject({ status: 404, body: { code: 'no-such-matter' } });
      expect(await api.call('/holds/nobody/release', { reason: 'x' })).toMatchObject({ status: 404 });
    });

    test.each([
      ['JSON cut short', 'application/json', '{"name": "planted-word', 400],
      ['a prototype', 'application/json', '{"name": "a", "__proto__": {"admin": true}}', 400],
      ['another media type', 'text/plain', '{"name": "a"}', 400],
      ['nothing', 'application/json', '', 400],
      ['300 kB', 'application/json', JSON.stringify({ name: 'a'.repeat(300_000) }), 413],
      ['an unknown charset', 'application/json; charset=klingon', '{"name": "a"}', 400],
    ])('a body of %s is refused without quoting it', async (_what, type, body, status) => {
      const response = await api.fetch('/api/v1/matters', { method: 'POST', headers: { 'content-type': type }, body });
      const { body: problem } = await problemIn(response);
      expect(problem['status']).toBe(status);
      expect(JSON.stringify(problem)).not.toContain('planted-word');
    });

    test.each([
      ['DELETE', `/messages/${absent}`, 'GET, HEAD'],
      ['PUT', '/matters', 'GET, POST, HEAD'],
      ['POST', '/search', 'GET, HEAD'],
      ['GET', '/holds/x/release', 'POST'],
    ])('%s %s is not allowed, and the answer says what is', async (method, path, allowed) => {
      const response = await api.fetch(`/api/v1${path}`, { method });
      expect(response.headers.get('allow')).toBe(allowed);
      expect(await problemIn(response)).toMatchObject({ status: 405 });
    });

    test('a long header line is refused by the server itself, which goes on', async () => {
      const response = await api.fetch(`/api/v1/search?q=${'a'.repeat(20_000)}`);
      expect(response.status).toBe(431);
      await response.body?.cancel();
      expect((await api.call('/status')).status).toBe(200);
    });

    test('two lengths in one request are refused (request smuggling)', async () => {
      const headers = ['Authorization', `Bearer ${api.token}`, 'Content-Length', '0', 'Transfer-Encoding', 'chunked'];
      const answered = Promise.withResolvers<number>();
      const sent = request(`${api.url}/api/v1/matters`, { method: 'POST', headers }, ({ statusCode = 0 }) =>
        answered.resolve(statusCode),
      );
      sent.on('error', () => answered.resolve(400));
      sent.end();
      expect(await answered.promise).toBe(400);
    });
  });

  test('no answer is kept, sniffed, framed or named after the software behind it', async () => {
    for (const path of ['/healthz', '/api/v1/status', `/api/v1/messages/${digests[0] ?? ''}/raw`, '/api/v1/nothing']) {
      const response = await api.fetch(path);
      await response.arrayBuffer();
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(response.headers.get('content-security-policy')).toContain('sandbox');
      expect(response.headers.get('x-powered-by')).toBeNull();
      expect(response.headers.get('etag')).toBeNull();
    }
  });

  test('metrics are a Prometheus exposition with the routes as labels', async () => {
    const response = await api.fetch('/metrics');
    expect(response.headers.get('content-type')).toContain('text/plain');
    const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const sample = /^[a-zA-Z_:][\w:]*(\{(\w+="(?:[^"\\\n]|\\.)*",?)*\})? (-?[\d.eE+-]+|NaN|[+-]Inf)( \d+)?$/u;
    expect(lines.filter((line) => !sample.test(line))).toEqual([]);
    expect(lines).toContain(`muniment_ledger_entries ${api.deployment.ledger.head.size}`);
    expect(lines).toContain(
      `muniment_captures_total{outcome="captured"} ${api.deployment.catalog.messages.totals().messages}`,
    );
    for (const state of ['waiting', 'active', 'delayed', 'dead']) {
      expect(lines).toContain(`muniment_capture_jobs{state="${state}"} 0`);
    }
    for (const server of ['index', 'queue', 'spool']) {
      expect(lines).toContain(`muniment_server_reachable{server="${server}"} 1`);
    }
    expect(lines).toContain('muniment_spool_bytes 0');
    expect(lines.join('\n')).toContain('route="/messages/{digest}"');
    expect(lines.join('\n')).not.toContain(absent);
  });

  test('status says that the search index cannot be asked, and why (invariant 28)', async () => {
    await using other = await ServedApi.open();
    await other.archive('ada', mail.slice(0, 1));
    await other.deployment.index[Symbol.asyncDispose]();
    const { body } = await other.call('/status');
    const trouble = { code: 'index-unavailable', message: expect.any(String), remedy: expect.any(String) };
    expect(body).toMatchObject({ messages: 1, indexedThrough: null, indexTrouble: trouble, complete: false });
    const said: string[] = [];
    const io = { json: false, result: (_value: object, text: string) => void said.push(text) };
    await statusCommand.run(other.deployment, {} as never, io as Io);
    expect(said.join('\n')).toMatch(/^index {6}cannot be asked: .*the search index.*\./mu);
  });

  test('nothing of all this was a failure of ours', () => {
    expect(api.reported).toEqual([]);
  });
});
