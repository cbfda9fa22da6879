const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Where the first `From ` line begins: behind a UTF-8 byte order mark and blank lines, which editors and conversions leave
 * there and which belong to no message. Undefined where something else comes first, or nothing at all.
 */
export function firstFromLine(beginning: Buffer): number | undefined {
  const marked = beginning.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  let at = marked ? BYTE_ORDER_MARK.length : 0;
  for (let blank = lineEndAt(beginning, at); blank > 0; blank = lineEndAt(beginning, at)) at += blank;
  return beginning.toString('latin1', at, at + 5) === 'From ' ? at : undefined;
}

/** How many bytes the line end at that position has; 0 where there is none. */
function lineEndAt(bytes: Buffer, at: number): number {
  if (bytes[at] === 0x0a) return 1;
  return bytes[at] === 0x0d && bytes[at + 1] === 0x0a ? 2 : 0;
}
