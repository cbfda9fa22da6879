const LF = 0x0a;
const CR = 0x0d;
/** No blank line, with the line end before it, is longer. */
const blankLineBytesMax = 4;

/** What ends a line in one file. */
export interface LineEnds {
  readonly octets: readonly number[];
  /** Matches at the end of a text whose last line is blank; the group is that line. */
  readonly blankLine: RegExp;
}

const withLf: LineEnds = { octets: [LF], blankLine: /(?:^|\n)(\r?\n)$/u };
/** Files put together from several have other line ends as well. */
const withCr: LineEnds = { octets: [CR, LF], blankLine: /(?:^|\n|\r(?!\n))(\r\n|\r|\n)$/u };

/** CR alone ends lines (classic Mac OS) in a file whose first line it ends; elsewhere it is an octet like others. */
export function lineEndsOf(firstLine: Buffer): LineEnds {
  return /^[^\r\n]*\r+(?![\r\n])/u.test(firstLine.toString('latin1')) ? withCr : withLf;
}

export function endsLine(lineEnds: LineEnds, octet: number | undefined): boolean {
  return octet !== undefined && lineEnds.octets.includes(octet);
}

/** Where the first line ends, before its line end; undefined where it goes on. */
export function endOfLine(lineEnds: LineEnds, bytes: Buffer): number | undefined {
  const found = lineEnds.octets.map((octet) => bytes.indexOf(octet)).filter((at) => at >= 0);
  return found.length === 0 ? undefined : Math.min(...found);
}

/** Behind the line end at that position. */
export function behindLineEnd(bytes: Buffer, at: number): number {
  return bytes[at] === CR && bytes[at + 1] === LF ? at + 2 : at + 1;
}

/** Position of the last line end at or before `at`, or -1. */
export function lastLineEnd(lineEnds: LineEnds, bytes: Buffer, at: number): number {
  return Math.max(...lineEnds.octets.map((octet) => bytes.lastIndexOf(octet, at)));
}

/**
 * How many bytes the blank line has with which `bytes` end; 0 where there is none. They begin at the start of a line, or are
 * at least four.
 */
export function blankLineAtEnd(lineEnds: LineEnds, bytes: Buffer): number {
  const end = bytes.toString('latin1', Math.max(0, bytes.length - blankLineBytesMax));
  return lineEnds.blankLine.exec(end)?.[1]?.length ?? 0;
}
