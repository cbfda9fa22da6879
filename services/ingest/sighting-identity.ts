import type { Digest } from '#kernel';
import { sightingKey } from '#ledger';
import type { Place } from './source.ts';

/**
 * What makes two sightings one: source, custodian, place and bytes. A keyed hash, because the parts are names. The digest
 * is among them: a place whose bytes changed was seen anew.
 */
export function keyOfSighting(salt: string, source: string, place: Place, digest: Digest): string {
  const where = place.path ?? `${place.mailbox}\n${place.uidValidity ?? ''}\n${place.uid ?? ''}`;
  return sightingKey(salt, ['sighting', source, place.custodian, where, place.offset ?? 0, digest]);
}

/** Names one mailbox under one UIDVALIDITY, for the sum of UIDs (RFC 3501 §2.3.1.1). */
export function keyOfMailboxEpoch(salt: string, source: string, mailbox: string, uidValidity: string): string {
  return sightingKey(salt, ['mailbox', source, mailbox, uidValidity]);
}

/** The id of the source that importing from a folder is: the same folder is the same source. */
export function idOfImport(salt: string, root: string): string {
  return sightingKey(salt, ['import', root]);
}
