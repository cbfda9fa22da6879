import { z } from 'zod';
import { queryWarnings } from '#search';
import { jsonRoute, type Route } from '../route.ts';
import { asOf, decimal, digest, instant, isoOf, sequence, warnings } from '../schemas/fields.ts';

const hit = z.strictObject({
  digest,
  sequence,
  date: instant,
  from: z.array(z.string()),
  to: z.array(z.string()),
  subject: z.string(),
  custodians: z.array(z.string()),
  size: z.int(),
  attachments: z.array(z.strictObject({ name: z.string(), size: z.int() })),
  flags: z.array(z.string()),
});

const coverage = {
  total: z.int().describe('exact, whatever the limit'),
  asOf: z.int().describe('the last sequence that counts'),
  complete: z.boolean().describe('whether everything up to asOf was looked at'),
  warnings,
};

const page = z.strictObject({
  ...coverage,
  hits: z.array(hit),
  next: z.string().optional().describe('`after` of the next page'),
});

export const searchRoutes: readonly Route[] = [
  jsonRoute({
    method: 'get',
    path: '/search',
    tag: 'search',
    summary: 'Find messages. The search itself is recorded in the ledger.',
    query: {
      q: z.string().min(1).describe('the query'),
      sort: z
        .enum(['date', 'relevance'])
        .default('date')
        .describe(
          'by date, pages reach every hit exactly once; by relevance, mail that arrives meanwhile may move one',
        ),
      limit: decimal.pipe(z.int().min(1).max(1000)).default(50).describe('1 to 1000, by default 50'),
      asOf,
      after: z.string().optional().describe('`next` of the page before'),
    },
    response: page,
    async handle({ query, actor }, { reading }) {
      const { q, ...order } = query;
      const { hits, total, asOf: covered, complete, next } = await reading.search({ query: q, ...order }, actor);
      const shown = hits.map(({ digest: name, sequence: number, custodians, display }) => ({
        digest: name,
        sequence: number,
        date: isoOf(display.date),
        from: [...display.from],
        to: [...display.to],
        subject: display.subject,
        custodians: [...custodians],
        size: display.size,
        attachments: display.attachments.map((attachment) => ({ ...attachment })),
        flags: [...display.flags],
      }));
      const found = queryWarnings(q);
      return { total, asOf: covered, complete, warnings: found, hits: shown, ...(next !== undefined && { next }) };
    },
  }),
  jsonRoute({
    method: 'get',
    path: '/search/count',
    tag: 'search',
    summary: 'How many messages match',
    query: { q: z.string().min(1), asOf },
    response: z.strictObject(coverage),
    async handle({ query, actor }, { reading }) {
      const { total, asOf: covered, complete } = await reading.count(query.q, query.asOf, actor);
      return { total, asOf: covered, complete, warnings: queryWarnings(query.q) };
    },
  }),
];
