import { createHmac } from 'node:crypto';
import { canonicalJson, type Json } from '#kernel';

/**
 * The keyed hash by which a sighting, or a mailbox epoch, is known in the tree: the same parts give the same key, and
 * nobody without the salt can test a guess. HMAC-SHA256 over canonical JSON, truncated to 32 hex digits (RFC 2104 §5).
 * @param salt `Ledger.sightingSalt()`
 */
export function sightingKey(salt: string, parts: Json): string {
  return createHmac('sha256', Buffer.from(salt, 'base64')).update(canonicalJson(parts)).digest('hex').slice(0, 32);
}
