import { z } from 'zod';
import { bytesRoute, jsonRoute, type Route } from '../route.ts';
import { asOf, digest, instant, isoOf, sequence } from '../schemas/fields.ts';
import { sendBytes } from '../send-bytes.ts';

const sighting = z.looseObject({
  sequence,
  source: z.string(),
  custodian: z.string(),
  mailbox: z.string(),
  seenAt: instant,
});

const state = z.enum(['archived', 'disposing', 'disposed']);

const certificate = z
  .strictObject({
    order: z.string(),
    sequence: sequence.describe('entry of the order'),
    message: sequence,
    reason: z.string(),
    orderedAt: instant,
    disposed: sequence.nullable().describe('entry that certifies the disposal; null: ordered, not yet carried out'),
  })
  .nullable()
  .describe('of a message that was disposed of, or is being');

const message = z.strictObject({
  digest,
  sequence,
  generation: z.int(),
  size: z.int(),
  capturedAt: instant,
  state,
  flags: z.array(z.string()).describe('why parts of it may not be searchable'),
  retainUntil: instant,
  holds: z.array(z.string()),
  sightings: z.array(sighting),
  certificate,
  earlier: z
    .array(z.strictObject({ generation: z.int(), sequence, state, capturedAt: instant, certificate }))
    .describe('generations before it, newest first: the same bytes, disposed of and shown again'),
});

const params = { digest };

export const messageRoutes: readonly Route[] = [
  jsonRoute({
    method: 'get',
    path: '/messages/{digest}',
    tag: 'messages',
    summary: 'What is known of a message, without its content',
    params,
    response: message,
    async handle({ params: { digest: name } }, { reading }) {
      const about = await reading.about(reading.find(name));
      const { message: found, retainUntil, sightings, holds } = about;
      const { capturedAt, flags, ...facts } = found;
      return {
        ...facts,
        capturedAt: isoOf(capturedAt),
        retainUntil: isoOf(retainUntil),
        flags: [...flags],
        holds: [...holds],
        sightings: sightings.map(({ seenAt, ...seen }) => ({ ...seen, seenAt: isoOf(seenAt) })),
        certificate: about.certificate,
        earlier: about.earlier.map(({ message: one, certificate: own }) => ({
          generation: one.generation,
          sequence: one.sequence,
          state: one.state,
          capturedAt: isoOf(one.capturedAt),
          certificate: own,
        })),
      };
    },
  }),
  bytesRoute({
    method: 'get',
    path: '/messages/{digest}/raw',
    tag: 'messages',
    summary: 'The bytes as received. The reading is in the ledger before the first byte leaves.',
    params,
    mediaType: 'message/rfc822',
    async handle({ params: { digest: name }, actor, request, response }, { reading }) {
      const found = reading.find(name);
      response.setHeader('Content-Disposition', `attachment; filename="${found.digest}.eml"`);
      response.setHeader('Content-Length', found.size);
      // RFC 9110 §9.3.2: HEAD sends no content, so that nothing is read.
      if (request.method === 'HEAD') response.end();
      else await sendBytes(response, reading.raw(found, actor));
    },
  }),
  jsonRoute({
    method: 'get',
    path: '/messages/{digest}/headers',
    tag: 'messages',
    summary: 'The header block',
    params,
    response: z.strictObject({ digest, headers: z.string() }),
    async handle({ params: { digest: name }, actor }, { reading }) {
      const found = reading.find(name);
      return { digest: found.digest, headers: await reading.headers(found, actor) };
    },
  }),
  jsonRoute({
    method: 'get',
    path: '/messages/{digest}/text',
    tag: 'messages',
    summary: 'Addresses, subject, date, body and attachments as text',
    params,
    response: z.strictObject({ digest, text: z.string() }),
    async handle({ params: { digest: name }, actor }, { reading }) {
      const found = reading.find(name);
      return { digest: found.digest, text: await reading.text(found, actor) };
    },
  }),
  bytesRoute({
    method: 'get',
    path: '/messages/{digest}/proof',
    tag: 'messages',
    summary: 'A C2SP tlog-proof that its capture is in the ledger, to be checked by anyone, offline',
    params,
    query: { asOf },
    mediaType: 'text/plain; charset=utf-8',
    async handle({ params: { digest: name }, query, response }, { reading }) {
      response.end(await reading.proof(reading.find(name), query.asOf));
    },
  }),
];
