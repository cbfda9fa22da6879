const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A wall clock in Britain, `2023-11-06 09:14`, as if it were UTC: it gives the day of the week. */
function fieldsOf(at: string) {
  const time = new Date(`${at.replace(' ', 'T')}:00Z`);
  return {
    day: DAYS[time.getUTCDay()] ?? '',
    date: time.getUTCDate(),
    month: MONTHS[time.getUTCMonth()] ?? '',
    year: time.getUTCFullYear(),
    clock: at.slice(11),
  };
}

/** Summer time, to the month: nothing in the story happens in the last days of March or October at night. */
function offsetOf(at: string): string {
  const monthDay = at.slice(5, 10);
  return monthDay >= '03-31' && monthDay < '10-29' ? '+0100' : '+0000';
}

/** RFC 5322 §3.3. */
export function mailDate(at: string): string {
  const { day, date, month, year, clock } = fieldsOf(at);
  return `${day}, ${date} ${month} ${year} ${clock}:00 ${offsetOf(at)}`;
}

/** As mail programs introduce a quotation. */
export function shortDate(at: string): string {
  const { day, date, month, year, clock } = fieldsOf(at);
  return `${day}, ${date} ${month} ${year} at ${clock}`;
}

/** `at` some days later. */
export function daysAfter(at: string, days: number): string {
  const time = new Date(Date.parse(`${at.replace(' ', 'T')}:00Z`) + days * 86_400_000);
  return time.toISOString().slice(0, 16).replace('T', ' ');
}
