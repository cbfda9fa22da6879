import { z } from 'zod';

export const digest = z
  .string()
  .regex(/^[0-9a-fA-F]{8,64}$/u, 'must be 8 to 64 hexadecimal digits')
  .describe('sha256 of the bytes as received, or its first 8 or more digits');
/** ISO 8601 in UTC; null where there is none. */
export const instant = z.string().nullable();
export const sequence = z.int().nonnegative().describe('position in the ledger');
/** A number in a query string: digits only. What Number() makes of '', ' 7' or '0x7' is not what was meant. */
export const decimal = z
  .string()
  .regex(/^\d{1,15}$/u, 'must be a whole number')
  .transform(Number)
  .meta({ type: 'integer' });
export const asOf = decimal.optional().describe('the last sequence that counts; by default the newest');

/** Null for what ISO 8601 cannot say. */
export function isoOf(milliseconds: number | null): string | null {
  return milliseconds === null || Math.abs(milliseconds) > 8.64e15 ? null : new Date(milliseconds).toISOString();
}

/** Of `Searching.hints`. */
export const warnings = z.array(z.string()).describe('what of the query may not mean what was intended');
