import { z } from 'zod';
import type { HoldRecord, MatterRecord } from '#catalog';
import { type LegalHolds, unsweptWarnings } from '#matters';
import { jsonRoute, type Route } from '../route.ts';
import { instant, isoOf, warnings } from '../schemas/fields.ts';

const matter = z.strictObject({ id: z.string(), name: z.string(), description: z.string(), createdAt: instant });

const hold = z.strictObject({
  id: z.string(),
  matter: z.string(),
  query: z.string(),
  reason: z.string(),
  placedAt: instant,
  releasedAt: instant,
  swept: z
    .boolean()
    .describe('whether what was archived before is marked; until then each disposal is judged by the query'),
  messages: z.int().describe('messages it is recorded to match'),
  unjudged: z
    .int()
    .nullable()
    .describe('of the messages, those that could not be read well enough to tell; null: released, or not known now'),
});

function matterBody({ id, name, description, createdAt }: MatterRecord) {
  return { id, name, description, createdAt: isoOf(createdAt) };
}

function holdBody(record: HoldRecord, messages: number, unjudged: number | null) {
  const { id, matter: of, query, reason, placedAt, releasedAt, swept } = record;
  return {
    id,
    matter: of,
    query,
    reason,
    placedAt: isoOf(placedAt),
    releasedAt: isoOf(releasedAt),
    swept,
    messages,
    unjudged,
  };
}

async function listed(holds: LegalHolds, wanted?: (hold: HoldRecord) => boolean) {
  const own = await holds.listJudged(wanted);
  return own.map(({ hold: one, messages, unjudged }) => holdBody(one, messages, unjudged));
}

export const matterRoutes: readonly Route[] = [
  jsonRoute({
    method: 'get',
    path: '/matters',
    tag: 'matters',
    summary: 'All matters',
    response: z.strictObject({ matters: z.array(matter) }),
    handle: (_call, { matters }) => Promise.resolve({ matters: matters.list().map(matterBody) }),
  }),
  jsonRoute({
    method: 'post',
    path: '/matters',
    tag: 'matters',
    summary: 'Open a matter',
    body: z.strictObject({ name: z.string().min(1).max(200), description: z.string().max(10_000).default('') }),
    status: 201,
    response: matter,
    handle: async ({ body, actor }, { matters }) => matterBody(await matters.create(body, actor)),
  }),
  jsonRoute({
    method: 'get',
    path: '/matters/{matter}',
    tag: 'matters',
    summary: 'A matter and its holds',
    params: { matter: z.string() },
    response: matter.extend({ holds: z.array(hold) }),
    async handle({ params }, { matters, holds }) {
      const found = matters.get(params.matter);
      return { ...matterBody(found), holds: await listed(holds, (one) => one.matter === found.id) };
    },
  }),
  jsonRoute({
    method: 'get',
    path: '/holds',
    tag: 'holds',
    summary: 'All legal holds, released ones included',
    response: z.strictObject({ holds: z.array(hold) }),
    handle: async (_call, { holds }) => ({ holds: await listed(holds) }),
  }),
  jsonRoute({
    method: 'post',
    path: '/holds',
    tag: 'holds',
    summary: 'Place a legal hold on what matches a query, archived or still to come',
    body: z.strictObject({ matter: z.string(), query: z.string().min(1), reason: z.string().min(1).max(10_000) }),
    status: 201,
    response: hold.extend({
      matching: z
        .int()
        .nullable()
        .describe(
          'of the messages, those that match; the others could not be read well enough to tell. Null: not known, see warnings',
        ),
      warnings,
    }),
    async handle({ body, actor }, { holds, searching }) {
      const placed = await holds.place(body, actor);
      const { messages, matching } = placed;
      const unjudged = matching === null ? null : messages - matching;
      const said = [...searching.hints(body.query), ...unsweptWarnings(placed.unswept)];
      return { ...holdBody(placed.hold, messages, unjudged), matching, warnings: said };
    },
  }),
  jsonRoute({
    method: 'post',
    path: '/holds/{hold}/release',
    tag: 'holds',
    summary: 'Lift a legal hold',
    params: { hold: z.string() },
    body: z.strictObject({ reason: z.string().min(1).max(10_000) }),
    response: hold,
    handle: async ({ params, body, actor }, { holds }) =>
      holdBody(await holds.release(params.hold, body.reason, actor), 0, null),
  }),
];
