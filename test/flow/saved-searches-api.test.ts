import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { problemIn, ServedApi } from '../served-api.ts';
import { letter } from '../whole-archive.ts';

describe('saved searches over HTTP', () => {
  let api: ServedApi;
  let matter: string;

  beforeAll(async () => {
    api = await ServedApi.open();
    await api.archive('ada', [letter(1), letter(2)]);
    matter = String((await api.call('/matters', { name: 'Ferry: "phase 1/2"' })).body['id']);
  });

  afterAll(() => api[Symbol.asyncDispose]());

  test('are saved, listed, replaced and discarded, and each is an entry (invariant 30)', async () => {
    const path = `/matters/${matter}/searches`;
    const { body } = await api.call(path, { name: ' piers & 1/2 ', query: 'harbour or pier' });
    const { warnings, ...saved } = body;
    expect(warnings).toEqual([expect.stringContaining('write OR')]);
    expect(saved).toMatchObject({
      matter,
      name: 'piers & 1/2',
      query: 'harbour or pier',
      savedBy: expect.stringMatching(/^token-/u),
    });
    expect((await api.call(path)).body).toEqual({ searches: [saved] });
    expect((await api.call(`/matters/${encodeURIComponent('Ferry: "phase 1/2"')}/searches`)).body).toEqual({
      searches: [saved],
    });

    const again = { name: 'piers & 1/2', query: 'harbour' };
    expect(await api.call(path, again)).toMatchObject({
      status: 409,
      body: { code: 'saved-search-exists', remedy: expect.stringContaining('"replace": true') },
    });
    const { body: replaced } = await api.call(path, { ...again, replace: true });
    expect(replaced).toMatchObject({ id: saved['id'], query: 'harbour', warnings: [] });

    const one = `${path}/${encodeURIComponent('piers & 1/2')}`;
    const discarded = await api.call(one, undefined, 'DELETE');
    expect({ ...discarded.body, warnings: [] }).toEqual(replaced);
    expect((await api.call(path)).body).toEqual({ searches: [] });
    expect(await api.call(one, undefined, 'DELETE')).toMatchObject({
      status: 404,
      body: { code: 'no-such-saved-search', remedy: expect.any(String) },
    });
    const id = saved['id'];
    expect((await api.entries()).filter(({ kind }) => kind.startsWith('search-'))).toMatchObject([
      { kind: 'search-saved', actor: saved['savedBy'], matter, saved: id, aside: { query: 'harbour or pier' } },
      { kind: 'search-saved', actor: saved['savedBy'], matter, saved: id, aside: { query: 'harbour' } },
      { kind: 'search-discarded', actor: saved['savedBy'], matter, saved: id },
    ]);
  });

  test('may have a name that no URL can end with: the id does', async () => {
    const { body } = await api.call(`/matters/${matter}/searches`, { name: '..', query: 'pier' });
    const one = `/matters/${matter}/searches/${String(body['id'])}`;
    expect((await api.call(one, undefined, 'DELETE')).body).toMatchObject({ name: '..' });
  });

  test.each([
    ['no name', { query: 'a' }, 'request-invalid'],
    ['an empty name', { name: ' ', query: 'a' }, 'request-invalid'],
    ['a name that is too long', { name: 'a'.repeat(201), query: 'a' }, 'request-invalid'],
    ['an empty query', { name: 'a', query: '' }, 'request-invalid'],
    ['a member too many', { name: 'a', query: 'a', force: true }, 'request-invalid'],
    ['a query that cannot be understood', { name: 'a', query: '(a' }, 'query-invalid'],
  ])('with %s are refused', async (_what, body, code) => {
    const refused = await api.call(`/matters/${matter}/searches`, body);
    expect(refused).toMatchObject({ status: 400, body: { code, remedy: expect.any(String) } });
    expect((await api.call(`/matters/${matter}/searches`)).body).toEqual({ searches: [] });
  });

  test('of a matter that is not there are not there either', async () => {
    const absent = { status: 404, body: { code: 'no-such-matter' } };
    expect(await api.call('/matters/nobody/searches')).toMatchObject(absent);
    expect(await api.call('/matters/nobody/searches', { name: 'a', query: 'a' })).toMatchObject(absent);
    expect(await api.call('/matters/nobody/searches/a', undefined, 'DELETE')).toMatchObject(absent);
  });

  test('a method that there is not is answered with those that there are', async () => {
    const paths = { searches: 'GET, POST, HEAD', 'searches/a': 'DELETE' };
    for (const [path, allowed] of Object.entries(paths)) {
      const response = await api.fetch(`/api/v1/matters/${matter}/${path}`, { method: 'PUT' });
      expect(response.headers.get('allow')).toBe(allowed);
      expect(await problemIn(response)).toMatchObject({ status: 405 });
    }
  });

  test('without the token, and without the ledger, nothing is changed', async () => {
    const path = `/api/v1/matters/${matter}/searches/x`;
    const response = await fetch(`${api.url}${path}`, { method: 'DELETE' });
    expect(await problemIn(response)).toMatchObject({ status: 401 });
    const saving = () => api.call(`/matters/${matter}/searches`, { name: 'lost', query: 'pier' });
    expect(await api.withoutLedger(saving)).toMatchObject({ status: 503 });
    expect((await api.call(`/matters/${matter}/searches`)).body).toEqual({ searches: [] });
  });
});
