import type { Catalog, MessageRecord } from '#catalog';

/**
 * Until when the ledger says that storage must protect a message; `null`: no duty. A schedule that was in force at the
 * capture is in what the capture recorded; a later one counts from the capture's time. Reckoned here anew, and not by
 * `retention/`: who checks must not depend on who is checked.
 */
export function retentionEnd(catalog: Catalog, message: MessageRecord): number | null {
  const schedule = catalog.dispositions.schedule();
  if (schedule === undefined || schedule.period === null || schedule.sequence < message.sequence) {
    return message.retainUntil;
  }
  return Math.max(message.retainUntil ?? 0, endOf(schedule.period, message.capturedAt));
}

/** ISO 8601 in one unit. A month that lacks the day ends on its last day; UTC. */
function endOf(period: string, from: number): number {
  const count = Number(period.slice(1, -1));
  const start = new Date(from);
  if (period.endsWith('D')) return from + count * 86_400_000;
  const months = start.getUTCMonth() + (period.endsWith('Y') ? count * 12 : count);
  const time = from - Date.UTC(start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate());
  const lastDay = new Date(Date.UTC(start.getUTCFullYear(), months + 1, 0)).getUTCDate();
  return Date.UTC(start.getUTCFullYear(), months, Math.min(start.getUTCDate(), lastDay)) + time;
}
