import type { ParseFlag } from '#kernel';
import { withoutComments } from './comments.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** RFC 5322 §4.3 and what else is in use, hours east of Greenwich. Other names, and the military letters, count as -0000, and are flagged. */
const ZONES = new Map([
  ...Object.entries({ gmt: 0, utc: 0, ut: 0, z: 0 }),
  ...Object.entries({ est: -5, edt: -4, cst: -6, cdt: -5, mst: -7, mdt: -6, pst: -8, pdt: -7 }),
  ...Object.entries({ akst: -9, akdt: -8, hst: -10, ast: -4, adt: -3 }),
  ...Object.entries({
    bst: 1,
    wet: 0,
    west: 1,
    cet: 1,
    cest: 2,
    met: 1,
    mest: 2,
    eet: 2,
    eest: 3,
    msk: 3,
    jst: 9,
    kst: 9,
  }),
]);
const DATE_LENGTH_MAX = 200;
const MINUTE_MS = 60_000;
/** No place is more than 14 hours from Greenwich. */
const ZONE_MINUTES_MAX = 14 * 60;
/** The last moment a JavaScript Date can hold, in the year 275760. */
const DATE_MS_MAX = 8.64e15;

const TIME = String.raw`(?<hour>\d{1,2})[:.](?<minute>\d{1,2})(?:[:.](?<second>\d{1,2})(?:[.,]\d{1,9})?)?`;
const ZONE = String.raw`(?:GMT|UTC|UT)?\s?(?<sign>[+-])(?<zoneHour>\d{1,2}?)(?::?(?<zoneMinute>\d{2}))?(?!\d)|(?<zone>[A-Za-z]{1,5})`;
/** `14 May 2001 16:39:00 -0700`, the weekday already gone. */
const RFC_5322 = new RegExp(
  String.raw`^0?(?<day>\d{1,2})[\s-]*(?<month>[A-Za-z]{3,9})\.?[\s-]*(?<year>\d{2,6})(?:(?:\sat\s|[\s,]+)\s*${TIME}\s*(?<half>[AaPp][Mm]\b)?)?\s*(?:${ZONE})?`,
  'u',
);
/** `May 14 16:39:00 2001` (asctime), with an optional zone before the year. */
const ASCTIME = new RegExp(
  String.raw`^(?<month>[A-Za-z]{3,9})\s+(?<day>\d{1,2}),?\s+${TIME}\s+(?:(?<zone>[A-Za-z]{1,5})\s+)?(?<year>\d{4,6})`,
  'u',
);
/** `April 9, 2003 9:00 AM`. */
const MONTH_FIRST = new RegExp(
  String.raw`^(?<month>[A-Za-z]{3,9})\s+(?<day>\d{1,2}),?\s+(?<year>\d{4,6})(?:[\s,]+${TIME}\s*(?<half>[AaPp][Mm]\b)?)?\s*(?:${ZONE})?`,
  'u',
);
/** RFC 3339. */
const ISO = new RegExp(
  String.raw`^(?<year>\d{4,6})-(?<monthNumber>\d{1,2})-(?<day>\d{1,2})(?:[T\s]+${TIME}\s*(?:${ZONE})?)?`,
  'u',
);
const WEEKDAY = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?[\s,]+/iu;

/** The network's first mail was sent in 1971; a year beyond this is a clock or a joke. */
const PLAUSIBLE_FROM = Date.UTC(1971, 0, 1);
const PLAUSIBLE_TO = Date.UTC(2100, 0, 1);

/**
 * A Date field's value (RFC 5322 §3.3 and §4.3, read tolerantly) in milliseconds since 1970. Undefined, and flagged, where
 * no day can be made out. A date that cannot be true is kept and flagged.
 */
export function parseMailDate(text: string, flags: Set<ParseFlag>): number | undefined {
  const plain = withoutComments(text.slice(0, DATE_LENGTH_MAX)).trim().replace(WEEKDAY, '');
  const groups = (RFC_5322.exec(plain) ?? ASCTIME.exec(plain) ?? MONTH_FIRST.exec(plain) ?? ISO.exec(plain))?.groups;
  const date = groups === undefined ? undefined : toMilliseconds(groups, flags);
  if (date === undefined) flags.add('date-unreadable');
  else if (date < PLAUSIBLE_FROM || date >= PLAUSIBLE_TO) flags.add('date-implausible');
  return date;
}

type Groups = Readonly<Record<string, string | undefined>>;

function toMilliseconds(groups: Groups, flags: Set<ParseFlag>): number | undefined {
  const month = monthOf(groups);
  if (month < 0) return undefined;
  const [day, hour, minute, second] = [
    numberOf(groups, 'day'),
    hourOf(groups),
    numberOf(groups, 'minute'),
    numberOf(groups, 'second'),
  ];
  const date = new Date(0);
  date.setUTCFullYear(yearOf(groups), month, day);
  const zone = zoneMinutes(groups);
  const isTime = hour <= 24 && minute <= 59 && second <= 60;
  if (!isTime || date.getUTCDate() !== day) flags.add('date-implausible');
  flagZone(zone, flags);
  date.setUTCHours(hour, minute, second);
  const milliseconds = date.getTime() - (zone ?? 0) * MINUTE_MS;
  return Math.abs(milliseconds) <= DATE_MS_MAX ? milliseconds : undefined;
}

function numberOf(groups: Groups, name: string): number {
  return Number(groups[name] ?? 0);
}

function monthOf(groups: Groups): number {
  if (groups['monthNumber'] === undefined) return MONTHS.indexOf((groups['month'] ?? '').slice(0, 3).toLowerCase());
  const number = Number(groups['monthNumber']);
  return number >= 1 && number <= 12 ? number - 1 : -1;
}

function hourOf(groups: Groups): number {
  const hour = numberOf(groups, 'hour');
  if (groups['half'] === undefined) return hour;
  return (hour % 12) + (groups['half'].toLowerCase() === 'pm' ? 12 : 0);
}

/** RFC 5322 §4.3: two digits below 50 are 20xx, other two digits and three digits count from 1900. */
function yearOf(groups: Groups): number {
  const digits = groups['year'] ?? '';
  const year = Number(digits);
  if (digits.length === 2) return year < 50 ? 2000 + year : 1900 + year;
  return digits.length === 3 ? 1900 + year : year;
}

function flagZone(minutes: number | undefined, flags: Set<ParseFlag>): void {
  if (minutes === undefined) flags.add('date-zone-unknown');
  else if (Math.abs(minutes) > ZONE_MINUTES_MAX) flags.add('date-implausible');
}

/** East of Greenwich; undefined where nobody can tell. */
function zoneMinutes(groups: Groups): number | undefined {
  if (groups['sign'] === undefined) {
    const hours = ZONES.get((groups['zone'] ?? '').toLowerCase());
    return hours === undefined ? undefined : 60 * hours;
  }
  const minutes = numberOf(groups, 'zoneHour') * 60 + numberOf(groups, 'zoneMinute');
  return groups['sign'] === '-' ? -minutes : minutes;
}
