import type { RangeNode } from '../ast.ts';
import { queryFault } from './query-fault.ts';
import { TimeZone } from '../time-zone.ts';
import { parseRange, type Range, type Span } from './range.ts';

// A profile of ISO 8601-1:2019: year, month, day, or a time of day to the minute, second or millisecond. UTC unless a zone is given.
const MOMENT = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{3}))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/u;

const DAY = 86_400_000;

/** A range of the Date field. A date stands for the whole year, month, day, minute, second or millisecond that it names, in UTC. */
export function parseDateRange(text: string, at: number): RangeNode {
  return { kind: 'range', field: 'date', ...dateRangeIn(text, at) };
}

/** The same instants, of dates without a zone in this one. */
export function dateRangeIn(text: string, at: number, zone = TimeZone.utc): Range {
  const span = (value: string, place: number): Span => spanIn(value, place, zone);
  const range = parseRange(text, at, { name: 'date', example: 'date:2001-10..2001-12', span });
  if (isWritable(range)) return range;
  throw queryFault(at, 'expected a date', 'Write a range within the years 0000 to 9999 (UTC).');
}

/** What `parseDateRange` reads back as the same node. */
export function printDateRange({ from, before }: Range): string {
  return `${from === null ? '' : firstMoment(from)}..${before === null ? '' : lastMoment(before)}`;
}

/** Whether its ends can be written as they are read. */
function isWritable({ from, before }: Range): boolean {
  const [first, end] = [utc([0]), utc([10_000])];
  return (from === null || (from >= first && from < end)) && (before === null || (before > first && before <= end));
}

function firstMoment(from: number): string {
  const text = new Date(from).toISOString();
  return from % DAY === 0 ? text.slice(0, 10) : text;
}

function lastMoment(before: number): string {
  const text = new Date(before - 1).toISOString();
  return before % DAY === 0 ? text.slice(0, 10) : text;
}

function spanIn(text: string, at: number, zone: TimeZone): Span {
  const match = MOMENT.exec(text);
  const result = match === null ? undefined : spanOf(match, zone);
  if (result !== undefined) return result;
  throw queryFault(
    at,
    match === null ? 'expected a date' : 'there is no such date',
    'Write a year, month, day or time like 2001, 2001-10, 2001-10-05 or 2001-10-05T12:30Z, or a range like 2001-10..2001-12.',
  );
}

function spanOf(match: RegExpExecArray, zone: TimeZone): Span | undefined {
  const parts = match.slice(1, 8).map((part) => (part === undefined ? undefined : Number(part)));
  const named = parts.findIndex((part) => part === undefined);
  const last = (named < 0 ? parts.length : named) - 1;
  const offset = zoneOffset(match[8]);
  const first = parts.map((part, index) => part ?? (index === 1 || index === 2 ? 1 : 0));
  if (offset === undefined || !isReal(first)) return undefined;
  const next = first.map((part, index) => (index === last ? part + 1 : part));
  const clock = { from: utc(first), before: utc(next) };
  return match[8] === undefined ? zone.instantsOf(clock) : { from: clock.from - offset, before: clock.before - offset };
}

function zoneOffset(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === 'Z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4))];
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** Not the 30th of February, not 24:00: such a date would silently mean another day. */
function isReal(parts: readonly number[]): boolean {
  const written = new Date(utc(parts));
  const read = [
    written.getUTCFullYear(),
    written.getUTCMonth() + 1,
    written.getUTCDate(),
    written.getUTCHours(),
    written.getUTCMinutes(),
    written.getUTCSeconds(),
  ];
  return read.every((part, index) => part === parts[index]);
}

// Not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
function utc(parts: readonly number[]): number {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0, millisecond = 0] = parts;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.setUTCHours(hour, minute, second, millisecond);
}
