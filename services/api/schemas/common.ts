import { z } from 'zod';

export const digest = z
  .string()
  .regex(/^[0-9a-fA-F]{8,64}$/u)
  .describe('sha256 of the bytes as received, or its first 8 or more digits');
/** ISO 8601 in UTC; null where there is none. */
export const instant = z.string().nullable();
export const sequence = z.int().nonnegative().describe('position in the ledger');
export const asOf = z.coerce
  .number()
  .int()
  .nonnegative()
  .optional()
  .describe('the last sequence that counts; by default the newest');

/** Null for what ISO 8601 cannot say. */
export function isoOf(milliseconds: number | null): string | null {
  return milliseconds === null || Math.abs(milliseconds) > 8.64e15 ? null : new Date(milliseconds).toISOString();
}
