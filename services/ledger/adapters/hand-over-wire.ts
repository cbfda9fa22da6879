import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { digest } from '../entries/entry-kind.ts';
import { receivedDraft } from '../entry-codec.ts';
import type { HandedAnswer, HandedCall, SentBatch } from '../hand-over.ts';
import { LedgerFault } from '../ledger-fault.ts';

/** What a process and the committer say to each other, version 1: one POST per call: JSON, and back a line of JSON and batches. */
export const handOverPath = '/ledger/v1/append';
export const codeHeader = 'muniment-code';
/** A call has at most 8 MiB of lines; as JSON in JSON each quote becomes two characters. */
export const requestBytesMax = 32 * 1024 * 1024;
/** Bytes of batches that come with an answer, and of an answer. */
export const batchesBytesMax = 8 * 1024 * 1024;
export const replyBytesMax = batchesBytesMax + 1024 * 1024;
const secretBytesMin = 16;

const requestSchema = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{32}$/u),
  since: z.int().nonnegative(),
  known: z.int().nonnegative(),
  judged: z.strictObject({
    policy: z.int().min(-1).exactOptional(),
    size: z.int().nonnegative().exactOptional(),
    about: digest.exactOptional(),
  }),
  /** Per entry: what stands in the tree, and its line of the sidecar. */
  drafts: z.array(z.strictObject({ fields: z.record(z.string(), z.json()), aside: z.string().exactOptional() })).min(1),
});

/** First sequence and bytes of each batch that follows the reply's line, in order. */
const batches = z.array(z.tuple([z.int().nonnegative(), z.int().nonnegative()]));
const replySchema = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('appended'), first: z.int().nonnegative(), batches }),
  z.strictObject({ outcome: z.literal('stale'), policy: z.int().min(-1), batches }),
  z.strictObject({ outcome: z.literal('failed'), code: z.string(), message: z.string(), remedy: z.string() }),
]);

export type Reply = z.infer<typeof replySchema>;

/** @throws LedgerFault `weak-secret` */
export function handOverKey(secret: string): KeyObject {
  if (Buffer.byteLength(secret) >= secretBytesMin) return createSecretKey(Buffer.from(secret));
  throw new LedgerFault('weak-secret', `the secret of the committer has fewer than ${secretBytesMin} bytes`, {
    remedy: 'Give all processes the same secret, of 32 random characters or more.',
  });
}

/** HMAC-SHA256 of a request's body. A request that is sent again does no harm: its call is recognised. */
export function codeOf(key: KeyObject, body: Uint8Array): string {
  return createHmac('sha256', key).update(`${handOverPath}\n`).update(body).digest('hex');
}

export function hasCode(key: KeyObject, body: Uint8Array, code: unknown): boolean {
  const [expected, given] = [Buffer.from(codeOf(key, body)), Buffer.from(typeof code === 'string' ? code : '')];
  return given.length === expected.length && timingSafeEqual(given, expected);
}

export function encodeCall({ drafts, id, judged, known, since }: HandedCall): Buffer {
  const entries = drafts.map(({ asideLine, fields }) => ({ fields, aside: asideLine }));
  return Buffer.from(JSON.stringify({ id, since, known, judged, drafts: entries }));
}

/** @throws LedgerFault `invalid-entry` */
export function decodeCall(body: Buffer): HandedCall {
  const request = requestSchema.safeParse(jsonOf(body));
  if (!request.success) throw notUnderstood(request.error);
  const { drafts, ...call } = request.data;
  return { ...call, drafts: drafts.map(({ aside, fields }) => receivedDraft(fields, aside)) };
}

/** One line of JSON, and the batches. */
export function encodeAnswer({ batches: sent, outcome }: HandedAnswer): Buffer {
  const lengths = sent.map(({ bytes, first }): [number, number] => [first, bytes.length]);
  const reply: Reply =
    outcome.outcome === 'stale'
      ? { outcome: 'stale', policy: outcome.policy, batches: lengths }
      : { outcome: 'appended', first: outcome.sequences[0] ?? 0, batches: lengths };
  return Buffer.concat([encodeReply(reply), ...sent.map(({ bytes }) => bytes)]);
}

export function encodeReply(reply: Reply): Buffer {
  return Buffer.from(`${JSON.stringify(reply)}\n`);
}

/** Undefined where the bytes are no reply. */
export function decodeReply(
  bytes: Buffer,
): { readonly reply: Reply; readonly batches: readonly SentBatch[] } | undefined {
  const end = bytes.indexOf('\n') + 1;
  const reply = replySchema.safeParse(jsonOf(bytes.subarray(0, end))).data;
  if (reply === undefined) return undefined;
  let at = end;
  const sent = (reply.outcome === 'failed' ? [] : reply.batches).map(([first, length]): SentBatch => {
    at += length;
    return { first, bytes: bytes.subarray(at - length, at) };
  });
  return at === bytes.length ? { reply, batches: sent } : undefined;
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

function notUnderstood(cause: unknown): LedgerFault {
  return new LedgerFault('invalid-entry', 'what another process handed over is not understood', {
    remedy: 'Run the same version of the program in all processes.',
    cause,
  });
}
