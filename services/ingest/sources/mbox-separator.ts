import { behindLineEnd, endOfLine, type LineEnds } from './mbox-line-ends.ts';

/** Without its line end. What is longer is text: no program writes such a separator. */
const fromLineBytesMax = 1000;
const fieldNameBytesMax = 200;

/** So many bytes from the start of a line decide whether it is a separator. */
export const separatorBytesMax = fromLineBytesMax + '\r\n'.length + fieldNameBytesMax;

export interface Separator {
  /** Without its line end, as latin1. */
  readonly fromLine: string;
  /** How many bytes the line has with its line end. */
  readonly size: number;
  /** Whether the line belongs to the message behind it: it has no date, and may be what somebody wrote. */
  readonly isKept: boolean;
  readonly isDated: boolean;
}

const weekday = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const month = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const day = String.raw`(?:0?[1-9]|[12]\d|3[01])`;
const time = String.raw`(?:[01]?\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d|60))?`;
const year = String.raw`(?:\d{4}|\d{2})`;
/** `PST`, `MET DST`, `+0100`, `-0800 (PST)`, `GMT+1`. */
const zones = String.raw`(?:[ \t]+(?:[A-Z]{1,5}(?:[+-]\d{1,4})?|[+-]\d{4}|\([A-Za-z ]{1,40}\))){0,2}`;
const blank = String.raw`[ \t]+`;

/** asctime(3) with its variants, and RFC 5322 §3.3, which some programs write. */
const dates = [
  `${month}${blank}${day},?${blank}${time}${zones}${blank}${year}${zones}`,
  `${day}${blank}${month}${blank}${year}${blank}${time}${zones}`,
];
const endsWithDate = new RegExp(
  String.raw`\S${blank}${weekday},?${blank}(?:${dates.join('|')})(?:${blank}remote from \S+)?[ \t\r]*$`,
  'u',
);
/** RFC 5322 §2.2, and what UUCP and mbox writers put before the fields. */
const beginsWithField = /^(?:[A-Za-z][!-9;-~]*[ \t]*:(?:[ \t\r\n]|$)|>From )/u;

/** What Netscape and Eudora write where they know neither sender nor date; they leave out the blank line as well. */
const placeholder = /^From (?:-|\?\?\?@\?\?\?)[ \t\r]*$/u;

/**
 * The separator with which `bytes` begin. `From ` alone makes none, for prose has such lines: either a sender and a date with
 * weekday and time follow it in the line; or a header field follows in the next line, and a blank line (or the start of the
 * file) comes before it, or nothing but a placeholder is in it. A line without a date that is no placeholder is prose as
 * likely as not (`From what I heard`): it divides, and stays with the message behind it, where it is searched.
 * @param bytes from the start of a line; at least `separatorBytesMax` of them, or all up to the end of the file
 */
export function separatorAtStart(bytes: Buffer, afterBlank: boolean, lineEnds: LineEnds): Separator | undefined {
  const near = bytes.subarray(0, separatorBytesMax);
  if (near.toString('latin1', 0, 5) !== 'From ') return undefined;
  const end = endOfLine(lineEnds, near) ?? near.length;
  const fromLine = near.toString('latin1', 0, end).replace(/\r$/u, '');
  if (fromLine.length > fromLineBytesMax) return undefined;
  const size = Math.min(behindLineEnd(near, end), near.length);
  if (endsWithDate.test(fromLine.slice('From '.length))) {
    return { fromLine, size, isKept: false, isDated: true };
  }
  const isPlaceholder = placeholder.test(fromLine);
  if (!isPlaceholder && !afterBlank) return undefined;
  return isBeforeField(near, size) ? { fromLine, size, isKept: !isPlaceholder, isDated: false } : undefined;
}

/** Whether `bytes` begin with a separator that has a date, and before a header field: no prose has both. */
export function isDatedBeforeField(bytes: Buffer, lineEnds: LineEnds): boolean {
  const separator = separatorAtStart(bytes, true, lineEnds);
  return separator?.isDated === true && isBeforeField(bytes.subarray(0, separatorBytesMax), separator.size);
}

function isBeforeField(near: Buffer, size: number): boolean {
  return beginsWithField.test(near.toString('latin1', size));
}
