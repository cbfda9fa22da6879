import type { ParseFlag } from '#kernel';
import { BoundaryStack } from './boundary-stack.ts';
import { decodeText } from './charset.ts';
import { readHeader } from './header-block.ts';
import { headerStart } from './header-start.ts';
import { defaultParseBudget } from './parse-budget.ts';

export interface SplitMessage {
  /** From the first octet to the end of the last field, the blank line excluded. Shares memory with the message. */
  readonly headerBytes: Buffer;
  /** Where the body begins; the message's length where there is none. */
  readonly bodyOffset: number;
}

/** Cuts a message where the reader sees its header end. A message without header has an empty one. */
export function splitHeader(bytes: Buffer): SplitMessage {
  const flags = new Set<ParseFlag>();
  const start = headerStart(bytes, flags).at;
  const where = { end: bytes.length, budget: defaultParseBudget, flags, boundaries: new BoundaryStack(flags) };
  const { bodyStart, fieldsEnd } = readHeader(bytes, start, where);
  if (fieldsEnd === start) return { headerBytes: bytes.subarray(0, 0), bodyOffset: 0 };
  return { headerBytes: bytes.subarray(0, fieldsEnd), bodyOffset: bodyStart };
}

/** The header block as text: fields as they stand, folding kept, lines ended by LF; encoded words are not decoded. */
export function headerText(bytes: Buffer): string {
  const { headerBytes } = splitHeader(bytes);
  return decodeText(headerBytes, '', new Set()).replace(/\r\n?/gu, '\n').replaceAll('\0', '');
}
