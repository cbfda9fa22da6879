import { open } from 'node:fs/promises';
import { z } from 'zod';
import type { ExportJob } from '#export';
import { parseQuery } from '#search';
import { bytesRoute, jsonRoute, type Route } from '../route.ts';
import { instant, isoOf, warnings } from '../schemas/fields.ts';
import { sendBytes } from '../send-bytes.ts';

const job = z.strictObject({
  id: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed']),
  requestedAt: instant,
  done: z.int(),
  total: z.int().nullable(),
  summary: z.looseObject({}).nullable(),
  error: z.string().nullable(),
});

const selection = z.union(
  [
    z.strictObject({ query: z.string().min(1) }),
    z.strictObject({ matter: z.string().min(1) }),
    z.strictObject({ all: z.literal(true) }),
  ],
  { error: 'give exactly one of {"query": "…"}, {"matter": "…"} and {"all": true}' },
);

function jobBody({ id, state, requestedAt, progress, summary, error }: ExportJob) {
  const { done = 0, total = null } = progress ?? {};
  const counted = summary === undefined ? null : { ...summary, out: undefined };
  return { id, state, requestedAt: isoOf(requestedAt), done, total, summary: counted, error: error ?? null };
}

export const exportRoutes: readonly Route[] = [
  jsonRoute({
    method: 'post',
    path: '/exports',
    tag: 'exports',
    summary: 'Begin an export; ask for it by its id until it is done, then download it',
    body: z.strictObject({
      selection,
      format: z.enum(['eml', 'mbox']).default('eml'),
      asOf: z.int().nonnegative().optional(),
    }),
    status: 202,
    response: job.extend({
      warnings,
    }),
    async handle({ body, actor }, { exports, matters, searching }) {
      // Said at once, not by a job that fails later.
      if ('query' in body.selection) parseQuery(body.selection.query);
      if ('matter' in body.selection) matters.get(body.selection.matter);
      const found = 'query' in body.selection ? searching.hints(body.selection.query) : [];
      return { ...jobBody(await exports.begin(body, actor)), warnings: found };
    },
  }),
  jsonRoute({
    method: 'get',
    path: '/exports',
    tag: 'exports',
    summary: 'Exports of this process, newest first',
    response: z.strictObject({ exports: z.array(job) }),
    handle: (_call, { exports }) => Promise.resolve({ exports: exports.list().map(jobBody) }),
  }),
  jsonRoute({
    method: 'get',
    path: '/exports/{export}',
    tag: 'exports',
    summary: 'How far an export is',
    params: { export: z.string() },
    response: job,
    handle: ({ params }, { exports }) => Promise.resolve(jobBody(exports.get(params.export))),
  }),
  bytesRoute({
    method: 'get',
    path: '/exports/{export}/download',
    tag: 'exports',
    summary: 'The finished export as one zip',
    params: { export: z.string() },
    mediaType: 'application/zip',
    async handle({ params, request, response }, { exports }) {
      await using file = await open(exports.file(params.export));
      response.setHeader('Content-Disposition', `attachment; filename="${params.export}.zip"`);
      response.setHeader('Content-Length', (await file.stat()).size);
      if (request.method === 'HEAD') response.end();
      else await sendBytes(response, file.createReadStream({ autoClose: false }));
    },
  }),
];
