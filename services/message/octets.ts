/** The octets that structure mail (RFC 5322 §2.2, RFC 2046 §5.1.1). */
export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const HYPHEN = 0x2d;
export const COLON = 0x3a;

/** Position of the CR or LF that ends the line, or `end`. */
export function lineEndAt(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end) {
    const octet = bytes[at];
    if (octet === LF || octet === CR) return at;
    at++;
  }
  return end;
}

/** Start of the line after the one that ends at `lineEnd`: CRLF, bare LF and bare CR all end a line. */
export function nextLineAt(bytes: Uint8Array, lineEnd: number, end: number): number {
  if (lineEnd >= end) return end;
  return bytes[lineEnd] === CR && lineEnd + 1 < end && bytes[lineEnd + 1] === LF ? lineEnd + 2 : lineEnd + 1;
}

/** Whether the line ends with a CR that no LF follows: some readers do not take that as a line end. */
export function endsBare(bytes: Uint8Array, lineEnd: number, end: number): boolean {
  return lineEnd < end && bytes[lineEnd] === CR && bytes[lineEnd + 1] !== LF;
}

/** End of the content before a delimiter line: the line end before it belongs to the delimiter (RFC 2046 §5.1.1). */
export function beforeLineEnd(bytes: Uint8Array, lineStart: number, from: number): number {
  let at = lineStart;
  if (at > from && bytes[at - 1] === LF) at--;
  if (at > from && bytes[at - 1] === CR) at--;
  return at;
}
