import { endsLine, type LineEnds } from './mbox-line-ends.ts';

/** How `From ` at the start of a line is kept from looking like a separator: `mboxrd` adds one `>` to `>*From `, `mboxo` to `From ` only. */
export type MboxVariant = 'mboxrd' | 'mboxo';

const QUOTED = Buffer.from('>From ', 'latin1');
const QUOTE = 0x3e;

/**
 * Takes back what the writer of the variant did: one `>` of each line `>*>From ` (mboxrd), or of each line `>From ` (mboxo).
 * @param atLineStart whether `bytes` begins at the start of a line; it must not end within a run of `>` or in `>From `
 */
export function unquoted(bytes: Buffer, variant: MboxVariant, lineEnds: LineEnds, atLineStart: boolean): Buffer {
  const kept: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(QUOTED); at >= 0; at = bytes.indexOf(QUOTED, at + QUOTED.length)) {
    const start = variant === 'mboxrd' ? startOfRun(bytes, at, from) : at;
    const startsLine = start === 0 ? atLineStart : endsLine(lineEnds, bytes[start - 1]);
    if (!startsLine) continue;
    kept.push(bytes.subarray(from, start));
    from = start + 1;
  }
  if (from === 0) return bytes;
  kept.push(bytes.subarray(from));
  return Buffer.concat(kept);
}

function startOfRun(bytes: Buffer, at: number, from: number): number {
  let start = at;
  while (start > from && bytes[start - 1] === QUOTE) start -= 1;
  return start;
}
