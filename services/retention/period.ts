import { RetentionFault } from './retention-fault.ts';

/** A retention period as ISO 8601 in one unit: `P7Y`, `P18M`, `P30D`. */
export type Period = string & { readonly __brand: 'Period' };

const PERIOD = /^P(\d{1,5})([DMY])$/u;
const SPOKEN = /^(\d{1,5})\s*(d|days?|m|months?|y|years?)$/iu;

/** Takes `P7Y`, `7y` or `7 years`. @throws RetentionFault `period-invalid` */
export function parsePeriod(text: string): Period {
  const trimmed = text.trim();
  const spoken = SPOKEN.exec(trimmed);
  const iso =
    spoken === null ? trimmed.toUpperCase() : `P${Number(spoken[1])}${(spoken[2] ?? '').charAt(0).toUpperCase()}`;
  if (PERIOD.test(iso)) return iso as Period;
  throw new RetentionFault('period-invalid', `"${text}" is not a retention period.`, {
    remedy: 'Write days, months or years, e.g. 90d, 18m, 7y or P7Y; or none.',
  });
}

/** The instant when a period that begins at `from` ends. A month that lacks the day ends on its last day. UTC. */
export function endOfPeriod(period: string, from: number): number {
  const [, count = '0', unit = 'D'] = PERIOD.exec(period) ?? [];
  const end = new Date(from);
  if (unit === 'D') return end.setUTCDate(end.getUTCDate() + Number(count));
  const months = unit === 'Y' ? Number(count) * 12 : Number(count);
  const day = end.getUTCDate();
  end.setUTCDate(1);
  end.setUTCMonth(end.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth() + 1, 0)).getUTCDate();
  return end.setUTCDate(Math.min(day, lastDay));
}
