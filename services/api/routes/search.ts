import { z } from 'zod';
import {
  copiesListedMax,
  type FoundHit,
  facetNames,
  type Recorded,
  type Repetition,
  type Searching,
  type SearchOrder,
} from '#reading';
import { type Excerpt, listedValuesMax } from '#search';
import { bytesRoute, type Call, jsonRoute, type Route } from '../route.ts';
import { asOf, decimal, digest, instant, isoOf, sequence, warnings } from '../schemas/fields.ts';
import { sendBytes } from '../send-bytes.ts';

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
  excerpts: z
    .array(
      z.strictObject({
        column: z
          .string()
          .describe(
            'subject, from, to, cc, bcc, others, names, body, attachments, link, or header: and the name of a field',
          ),
        name: z.string().optional().describe('of the attachment'),
        text: z.string(),
        highlights: z.array(z.tuple([z.int(), z.int()])).describe('half-open ranges of UTF-16 units in text'),
      }),
    )
    .optional()
    .describe('why it was found, where asked for'),
  copies: z
    .strictObject({ messages: z.int(), digests: z.array(digest).describe(`of ${copiesListedMax} of them at most`) })
    .optional()
    .describe('where copies are folded: those of this message that were found as well'),
});

const set = z.string().describe('sha256 of the sequences of all that was found, ascending, each in decimal with LF');

const coverage = {
  total: z.int().describe('exact, whatever the limit'),
  asOf: z.int().describe('the last sequence that counts'),
  complete: z.boolean().describe('whether everything up to asOf was looked at'),
  search: sequence.describe('the entry of this search, by which it can be repeated'),
  set: set.nullable().describe(`${set.description}; null with further pages, and where it is not known`),
  destroyedSince: z.int().describe('messages up to asOf that were destroyed after it, and are found no more'),
  timeZone: z
    .string()
    .describe('of dates that were asked for without one, and of facets of time; all other times are in UTC'),
  warnings,
};

const page = z.strictObject({
  ...coverage,
  hits: z.array(hit),
  distinct: z.int().optional().describe('where copies are folded: how many hits are left'),
  next: z.string().optional().describe('`after` of the next page'),
});

const q = z.string().min(1).describe('the query');

const sort = z
  .enum(['date', 'relevance'])
  .default('date')
  .describe('by date, pages reach every hit exactly once; by relevance, mail that arrives meanwhile may move one');

const excerpts = z
  .stringbool()
  .default(false)
  .meta({ type: 'boolean' })
  .describe('whether to show some words around what was asked for');

const fold = z
  .stringbool()
  .default(false)
  .meta({ type: 'boolean' })
  .describe('whether copies of one message are one hit, that which was archived first of those that were found');

const percent = z
  .string()
  .regex(/^\d{1,2}(?:\.\d{1,3})?$/u, 'must be a percentage, as in 95 or 2.5')
  .transform((text) => Number(text) / 100);

const difference = z.strictObject({
  digest,
  sequence,
  order: z.string().nullable().describe('what it was destroyed by, or is being; null where it is archived'),
  orderedAt: instant,
});

const repetition = z.strictObject({
  search: sequence,
  query: z.string(),
  asOf: z.int(),
  complete: z.boolean(),
  recorded: z.int().describe('how many were found then'),
  total: z.int().describe('how many are found now'),
  recordedSet: set.nullable(),
  set,
  result: z.enum(['same', 'different', 'same-number']),
  reasons: z.array(z.enum(['destroyed-since', 'analyzer-changed', 'query-understood-otherwise', 'incomplete'])),
  destroyedSince: z.int().describe('messages up to asOf that were destroyed after the search, found by it or not'),
  missing: z.array(difference).describe('found then, and not now'),
  additional: z.array(difference).describe('found now, and not then'),
  named: z
    .boolean()
    .describe('whether missing and additional are all: of more than 10,000 it was not recorded which they were'),
});

export const searchRoutes: readonly Route[] = [
  jsonRoute({
    method: 'get',
    path: '/search',
    tag: 'search',
    summary: 'Find messages. The search itself is recorded in the ledger.',
    query: {
      q,
      sort,
      limit: decimal.pipe(z.int().min(1).max(1000)).default(50).describe('1 to 1000, by default 50'),
      asOf,
      after: z.string().optional().describe('`next` of the page before'),
      excerpts,
      fold,
    },
    response: page,
    async handle({ query, actor, signal }, { searching }) {
      const { q: text, ...order } = query;
      const { hits, next, distinct, ...found } = await searching.search({ query: text, ...order }, actor, signal);
      const left = distinct === undefined ? {} : { distinct };
      return {
        ...answered(found, searching.hints(text)),
        ...left,
        hits: hits.map(shownHit),
        ...(next !== undefined && { next }),
      };
    },
  }),
  bytesRoute({
    method: 'get',
    path: '/search/results',
    tag: 'search',
    summary:
      'All that match, a line of JSON each, as `/search` gives them; the last line has `end`, the total and what it covers. Without it the list was cut off.',
    query: { q, sort, asOf, excerpts, fold },
    mediaType: 'application/x-ndjson',
    async handle({ query, actor, response, signal }, { searching }) {
      const { q: text, ...order } = query;
      await sendBytes(response, resultLines({ searching, actor, signal }, { query: text, limit: 1000, ...order }));
    },
  }),
  jsonRoute({
    method: 'get',
    path: '/search/count',
    tag: 'search',
    summary: 'How many messages match',
    query: { q, asOf },
    response: z.strictObject(coverage),
    async handle({ query, actor, signal }, { searching }) {
      return answered(await searching.count(query.q, query.asOf, actor, signal), searching.hints(query.q));
    },
  }),
  jsonRoute({
    method: 'get',
    path: '/search/facets',
    tag: 'search',
    summary: 'How many of what matches each custodian, month and the like has',
    query: {
      q,
      asOf,
      by: z
        .string()
        .default('custodian,month')
        .transform((names) => names.split(','))
        .pipe(z.array(z.enum(facetNames)).min(1))
        .meta({ type: 'string' })
        .describe(`with commas between them: ${facetNames.join(', ')}`),
    },
    response: z.strictObject({
      ...coverage,
      facets: z.array(
        z.strictObject({
          name: z.enum(facetNames),
          buckets: z.array(z.strictObject({ value: z.string().nullable(), messages: z.int() })),
          further: z
            .int()
            .describe(
              `how many values there are beside these: ${listedValuesMax} are listed at most, the most frequent`,
            ),
        }),
      ),
    }),
    async handle({ query, actor, signal }, { searching }) {
      const { facets, ...found } = await searching.facets(query.q, query.by, query.asOf, actor, signal);
      const listed = facets.map(({ buckets, ...facet }) => ({
        ...facet,
        buckets: buckets.map((bucket) => ({ ...bucket })),
      }));
      return { ...answered(found, searching.hints(query.q)), facets: listed };
    },
  }),
  jsonRoute({
    method: 'get',
    path: '/search/sample',
    tag: 'search',
    summary: 'A random sample of what matches; the same messages and seed give the same sample',
    query: {
      q,
      asOf,
      confidence: percent.default(0.95).describe('in percent, 50 to 99.9; by default 95'),
      margin: percent.default(0.05).describe('margin of error in percent, 0.1 to 50; by default 5'),
      seed: z.string().min(1).optional().describe('by default the set'),
    },
    response: z.strictObject({ ...coverage, seed: z.string(), hits: z.array(hit) }),
    async handle({ query, actor, signal }, { searching }) {
      const { q: text, ...order } = query;
      const { hits, seed, ...found } = await searching.sample({ query: text, ...order }, actor, signal);
      return { ...answered(found, searching.hints(text)), seed, hits: hits.map(shownHit) };
    },
  }),
  jsonRoute({
    method: 'get',
    path: '/searches',
    tag: 'search',
    summary: 'What was searched for, newest first',
    query: {
      limit: decimal.pipe(z.int().min(1).max(1000)).default(50).describe('1 to 1000, by default 50'),
      before: decimal.optional().describe('only those before this entry: `search` of the last one listed'),
    },
    response: z.strictObject({
      searches: z.array(
        z.strictObject({
          search: sequence,
          at: instant,
          actor: z.string(),
          query: z.string().nullable().describe('null where it was erased'),
          asOf: z.int(),
          total: z.int(),
          shown: z.int().describe('how many of the messages were shown'),
        }),
      ),
    }),
    async handle({ query }, { searching }) {
      const searches = await searching.recorded(query);
      return { searches: searches.map((one) => ({ ...one, at: isoOf(one.at) })) };
    },
  }),
  jsonRoute({
    method: 'get',
    path: '/searches/{search}/repetition',
    tag: 'search',
    summary: 'Asks again what an earlier search asked, as of the same sequence, and compares what is found',
    params: { search: decimal.describe('the entry of the search in the ledger') },
    response: repetition,
    async handle({ params, actor, signal }, { searching }) {
      return shownRepetition(await searching.repeat(params.search, actor, signal));
    },
  }),
];

interface Answered extends Recorded {
  readonly total: number;
  readonly asOf: number;
  readonly complete: boolean;
}

function answered(
  { total, asOf: covered, complete, set: name, search, destroyedSince, timeZone }: Answered,
  said: string[],
) {
  const coverage = { total, asOf: covered, complete, search, set: name ?? null, destroyedSince, timeZone };
  return { ...coverage, warnings: said };
}

interface Asker extends Pick<Call, 'actor' | 'signal'> {
  readonly searching: Searching;
}

/** Page after page, as of the moment of the first; each is in the ledger before it leaves. */
async function* resultLines({ searching, actor, signal }: Asker, order: SearchOrder): AsyncGenerator<Buffer> {
  let page = await searching.search(order, actor, signal);
  const first = page;
  for (;;) {
    yield Buffer.from(page.hits.map((found) => `${JSON.stringify(shownHit(found))}\n`).join(''));
    if (page.next === undefined) break;
    page = await searching.search({ ...order, asOf: page.asOf, after: page.next }, actor, signal);
  }
  const { distinct } = first;
  const covered = answered({ ...page, search: first.search, set: first.set }, searching.hints(order.query));
  const end = { end: true, ...covered, ...(distinct !== undefined && { distinct }) };
  yield Buffer.from(`${JSON.stringify(end)}\n`);
}

function shownHit({
  digest: name,
  sequence: number,
  custodians,
  display,
  excerpts: shown,
  copies,
}: FoundHit): z.infer<typeof hit> {
  return {
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
    ...(shown !== undefined && { excerpts: shown.map(shownExcerpt) }),
    ...(copies !== undefined && { copies: { ...copies, digests: [...copies.digests] } }),
  };
}

function shownExcerpt({ column, name, text, highlights }: Excerpt) {
  const ranges = highlights.map(([from, to]): [number, number] => [from, to]);
  return { column, ...(name !== undefined && { name }), text, highlights: ranges };
}

function shownRepetition(found: Repetition): z.infer<typeof repetition> {
  const listed = (differences: Repetition['missing']) =>
    differences.map(({ digest: name, sequence: number, certificate }) => ({
      digest: name,
      sequence: number,
      order: certificate?.order ?? null,
      orderedAt: certificate?.orderedAt ?? null,
    }));
  const { recordedSet, reasons, missing, additional, ...rest } = found;
  return {
    ...rest,
    recordedSet: recordedSet ?? null,
    reasons: [...reasons],
    missing: listed(missing),
    additional: listed(additional),
  };
}
