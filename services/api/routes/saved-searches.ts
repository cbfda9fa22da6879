import { z } from 'zod';
import type { SavedSearchRecord } from '#catalog';
import { savedSearchName } from '#matters';
import { jsonRoute, type Route } from '../route.ts';
import { instant, isoOf, sequence, warnings } from '../schemas/fields.ts';

const savedSearch = z.strictObject({
  id: z.string(),
  matter: z.string(),
  name: z.string(),
  query: z.string(),
  sequence: sequence.describe('the entry of the ledger that says what it asks now'),
  savedAt: instant,
  savedBy: z.string(),
});

function savedBody({ savedAt, ...saved }: SavedSearchRecord) {
  return { ...saved, savedAt: isoOf(savedAt) };
}

export const savedSearchRoutes: readonly Route[] = [
  jsonRoute({
    method: 'get',
    path: '/matters/{matter}/searches',
    tag: 'matters',
    summary: 'The saved searches of a matter',
    params: { matter: z.string() },
    response: z.strictObject({ searches: z.array(savedSearch) }),
    async handle({ params }, { savedSearches }) {
      return { searches: (await savedSearches.list(params.matter)).map(savedBody) };
    },
  }),
  jsonRoute({
    method: 'post',
    path: '/matters/{matter}/searches',
    tag: 'matters',
    summary: 'Keep a query in a matter, under a name',
    params: { matter: z.string() },
    body: z.strictObject({
      name: savedSearchName,
      query: z.string().min(1),
      replace: z.boolean().default(false).describe('whether in place of what the matter keeps under that name'),
    }),
    status: 201,
    response: savedSearch.extend({ warnings }),
    async handle({ params, body, actor }, { savedSearches, searching }) {
      const saved = await savedSearches.save({ ...body, matter: params.matter }, actor);
      return { ...savedBody(saved), warnings: searching.hints(body.query) };
    },
  }),
  jsonRoute({
    method: 'delete',
    path: '/matters/{matter}/searches/{name}',
    tag: 'matters',
    summary: 'Keep a saved search no longer, and answer what it was. What it asked stays in the ledger.',
    params: { matter: z.string(), name: savedSearchName.describe('its name in the matter, or its id') },
    response: savedSearch,
    handle: async ({ params, actor }, { savedSearches }) =>
      savedBody(await savedSearches.discard(params.matter, params.name, actor)),
  }),
];
