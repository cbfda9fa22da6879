import { canonicalJson, type Json } from '#kernel';
import type { MessageRecord, SightingRecord } from '#catalog';
import { parseMessage, splitHeader } from '#message';
import type { MessagePlace } from './formats/message-writer.ts';
import { proofPath } from './layout.ts';
import type { ReadableMessage } from './message-fetching.ts';

/** One exported message: what it is, where it stands here, and where and when it was seen. */
export function manifestLine(
  { message, head }: ReadableMessage,
  place: MessagePlace,
  sightings: readonly SightingRecord[],
): string {
  const line: Json = {
    ...identity(message),
    capturedAt: iso(message.capturedAt),
    custodians: [...new Set(sightings.map(({ custodian }) => custodian))].sort(),
    date: iso(parseMessage(splitHeader(head).headerBytes).date),
    flags: message.flags,
    proof: proofPath(message),
    sightings: sightings.map(sightingJson),
    ...place,
  };
  return `${canonicalJson(line)}\n`;
}

/** A message that was selected and is not here. */
export function exceptionLine(message: MessageRecord, reason: string): string {
  return `${canonicalJson({ ...identity(message), exported: false, reason })}\n`;
}

/** A message that is here, and of which parts could not be read when it was captured: no search for words may have found it. */
export function remarkLine(message: MessageRecord): string {
  return `${canonicalJson({ ...identity(message), exported: true, flags: message.flags, reason: 'content-not-fully-read' })}\n`;
}

function identity({ digest, generation, sequence, size }: MessageRecord) {
  return { digest, generation, sequence, size };
}

function sightingJson(sighting: SightingRecord): Json {
  const { seenAt, internalDate } = sighting;
  return { ...sighting, key: undefined, message: undefined, seenAt: iso(seenAt), internalDate: iso(internalDate) };
}

function iso(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds).toISOString();
}
