/** ISO 8601; years beyond 9999 have a sign and six digits. Null where the instant has no such form. */
export function isoOf(milliseconds: number): string | null {
  return Math.abs(milliseconds) > 8.64e15 ? null : new Date(milliseconds).toISOString();
}
