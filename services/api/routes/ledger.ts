import { z } from 'zod';
import { bytesRoute, jsonRoute, type Route } from '../route.ts';
import { asOf, instant, isoOf, sequence } from '../schemas/fields.ts';

const sum = { found: z.int(), captured: z.int(), alreadyArchived: z.int(), failed: z.int(), ignored: z.int() };

const source = z.strictObject({
  id: z.string(),
  type: z.enum(['imap', 'import']),
  name: z.string(),
  custodian: z.string(),
  host: z.string().optional(),
  port: z.int().optional(),
  user: z.string().optional(),
  collections: z.array(z.strictObject({ id: z.string(), startedAt: instant, endedAt: instant, ...sum })),
  quarantined: z.array(z.strictObject({ mailbox: z.string(), uid: z.int(), code: z.string(), attempts: z.int() })),
});

const worm = z
  .strictObject({
    standing: z.enum(['none', 'never-examined', 'sound', 'lapsed', 'withdrawn']),
    since: sequence.nullable(),
    provenAt: instant,
    failed: z.array(z.strictObject({ probe: z.string(), answer: z.string() })),
  })
  .describe('storage may be called write-once (WORM) only while its standing is sound');

const status = z.strictObject({
  entries: z.int(),
  root: z.string(),
  origin: z.string(),
  verifierKey: z
    .string()
    .describe('of the key that signs the ledger now: the first line of public-key.txt in an export'),
  epoch: z.int(),
  messages: z.int(),
  disposed: z.int(),
  sightings: z.int(),
  bytes: z.int(),
  indexedThrough: z.int().nullable().describe('null: the search index cannot be asked'),
  indexTrouble: z
    .strictObject({ code: z.string(), message: z.string(), remedy: z.string() })
    .nullable()
    .describe('why the search index cannot be asked, or brought up'),
  complete: z.boolean(),
  activeHolds: z.int(),
  retention: z.string().nullable(),
  promisedUntil: instant.describe(
    'until when, at the longest, anything archived must be kept, by this or an earlier schedule',
  ),
  lock: z.enum(['application', 'object-lock-governance', 'object-lock-compliance']),
  worm,
  readOnly: z.boolean(),
});

export const ledgerRoutes: readonly Route[] = [
  jsonRoute({
    method: 'get',
    path: '/status',
    tag: 'status',
    summary: 'What the archive holds and how far its index is',
    response: status,
    handle: (_call, parts) => parts.status(),
  }),
  bytesRoute({
    method: 'get',
    path: '/ledger/checkpoint',
    tag: 'ledger',
    summary: 'A signed C2SP checkpoint of the ledger. Keep one: it shows any later change of the past.',
    query: { asOf },
    mediaType: 'text/plain; charset=utf-8',
    async handle({ query, response }, { reading }) {
      response.end(await reading.checkpoint(query.asOf));
    },
  }),
  jsonRoute({
    method: 'get',
    path: '/sources',
    tag: 'sources',
    summary: 'Where mail comes from, and what each run brought: found = captured + already archived + failed',
    response: z.strictObject({ sources: z.array(source) }),
    handle(_call, { sources }) {
      const all = sources.list().map(({ source: of, collections, quarantined }) => ({
        id: of.id,
        type: of.type,
        name: of.name,
        custodian: of.custodian,
        ...(of.host !== undefined && { host: of.host }),
        ...(of.port !== undefined && { port: of.port }),
        ...(of.user !== undefined && { user: of.user }),
        collections: collections.map(({ source: _source, startedAt, endedAt, ...run }) => ({
          ...run,
          startedAt: isoOf(startedAt),
          endedAt: isoOf(endedAt),
        })),
        quarantined: quarantined.map(({ source: _source, ...one }) => one),
      }));
      return Promise.resolve({ sources: all });
    },
  }),
];
