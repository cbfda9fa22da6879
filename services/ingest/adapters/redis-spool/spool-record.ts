import { asDigest, isDigest } from '#kernel';
import { z } from 'zod';
import type { SpoolItem } from '../../spool.ts';

const place = z.object({
  custodian: z.string(),
  mailbox: z.string(),
  format: z.enum(['eml', 'maildir', 'mboxrd', 'mboxo', 'imap']),
  path: z.string().exactOptional(),
  offset: z.number().exactOptional(),
  fromLine: z.string().exactOptional(),
  uidValidity: z.string().exactOptional(),
  uid: z.number().exactOptional(),
  internalDate: z.number().exactOptional(),
  flags: z.array(z.string()).exactOptional(),
});

const sighting = z.object({
  source: z.string(),
  place,
  digest: z.string().refine(isDigest).transform(asDigest),
  size: z.number(),
  seenAt: z.number(),
});

/** An item without its content, as far as the spool keeps that elsewhere. */
export type SpooledSighting = Omit<SpoolItem, 'content'>;

export interface SpoolRecord {
  readonly sighting: SpooledSighting;
  /** The message, or undefined when it is among the large items. */
  readonly bytes: Buffer | undefined;
}

const inline = 1;
const elsewhere = 2;
const headBytes = 5;

/** A byte that says where the message is, the length of the sighting as 32 bits, the sighting as JSON, the message. */
export function encodeSpoolRecord({
  sighting: { source, place: where, digest, size, seenAt },
  bytes,
}: SpoolRecord): Buffer {
  const text = Buffer.from(JSON.stringify({ source, place: where, digest, size, seenAt }));
  const head = Buffer.alloc(headBytes);
  head.writeUInt8(bytes === undefined ? elsewhere : inline, 0);
  head.writeUInt32BE(text.length, 1);
  return Buffer.concat(bytes === undefined ? [head, text] : [head, text, bytes]);
}

/** Undefined for whatever is none: what Redis holds may have been written by anybody. */
export function decodeSpoolRecord(record: Buffer): SpoolRecord | undefined {
  if (record.length < headBytes) return undefined;
  const end = headBytes + record.readUInt32BE(1);
  const { data } = sighting.safeParse(parsedOrNothing(record.toString('utf8', headBytes, end)));
  if (data === undefined) return undefined;
  switch (record.readUInt8(0)) {
    case inline:
      return { sighting: data, bytes: record.subarray(end) };
    case elsewhere:
      return { sighting: data, bytes: undefined };
    default:
      return undefined;
  }
}

function parsedOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
