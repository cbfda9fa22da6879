import type { Catalog, MessageRecord, ScheduleRecord } from '#catalog';

const dayMs = 86_400_000;

/**
 * Until when the ledger says that storage must protect a message; `null`: no duty. Every schedule counts that was in force at
 * the capture or later, from the capture's time, whatever came after it; the one at the capture as the capture recorded it, which
 * reckoned from shortly before its entry. Reckoned here anew, and not by `retention/`: who checks must not depend on who is checked.
 */
export function retentionEnd(catalog: Catalog, message: MessageRecord): number | null {
  let end = message.retainUntil;
  let atCapture: ScheduleRecord | undefined;
  for (const schedule of catalog.dispositions.schedules()) {
    if (schedule.sequence < message.sequence) atCapture = schedule;
    else end = later(end, schedule, message);
  }
  return atCapture === undefined || message.retainUntil !== null ? end : later(end, atCapture, message);
}

/**
 * Until when, at the longest, storage was told to protect a message, by what the ledger says; `null`: never. Schedules that had
 * ended before its capture count: whoever stored it while one was in force may have died, or have had to judge anew, before the
 * entry. And a day more: the same period from an earlier moment can end later, by the length of a day, at the end of a month.
 */
export function longestRetention(catalog: Catalog, message: MessageRecord): number | null {
  let end = message.retainUntil;
  for (const schedule of catalog.dispositions.schedules()) end = later(end, schedule, message);
  return end === null ? null : end + dayMs;
}

function later(end: number | null, { period }: ScheduleRecord, { capturedAt }: MessageRecord): number | null {
  return period === null ? end : Math.max(end ?? 0, endOf(period, capturedAt));
}

/** ISO 8601 in one unit. A month that lacks the day ends on its last day; UTC. */
function endOf(period: string, from: number): number {
  const count = Number(period.slice(1, -1));
  const start = new Date(from);
  if (period.endsWith('D')) return from + count * dayMs;
  const months = start.getUTCMonth() + (period.endsWith('Y') ? count * 12 : count);
  const time = from - Date.UTC(start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate());
  const lastDay = new Date(Date.UTC(start.getUTCFullYear(), months + 1, 0)).getUTCDate();
  return Date.UTC(start.getUTCFullYear(), months, Math.min(start.getUTCDate(), lastDay)) + time;
}
