import { lineEndsOf, type LineEnds } from './mbox-line-ends.ts';
import { separatorAtStart, separatorBytesMax, type Separator } from './mbox-separator.ts';

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

export interface MboxBeginning {
  /** Where the first separator begins. */
  readonly at: number;
  readonly separator: Separator;
  readonly lineEnds: LineEnds;
}

/**
 * The first separator of a file: behind a UTF-8 byte order mark and blank lines, which editors and conversions leave there and
 * which belong to no message. A text says what is there instead.
 */
export function mboxBeginning(beginning: Buffer): MboxBeginning | string {
  const marked = beginning.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  let at = marked ? BYTE_ORDER_MARK.length : 0;
  while (beginning[at] === 0x0a || beginning[at] === 0x0d) at += 1;
  const first = beginning.subarray(at, at + separatorBytesMax);
  if (first.toString('latin1', 0, 5) !== 'From ') return 'does not begin with an mbox "From " line';
  const lineEnds = lineEndsOf(first);
  const separator = separatorAtStart(first, true, lineEnds);
  return separator === undefined ? notFromLine : { at, separator, lineEnds };
}

const notFromLine =
  'begins with "From ", and not with an mbox "From " line: the line is too long, or has no date at its end and no header field after it';
