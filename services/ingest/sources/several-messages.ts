import { FileWindow, type ReadAt } from './file-window.ts';
import { mboxBeginning } from './mbox-beginning.ts';
import { blankLineAtEnd, endsLine, type LineEnds } from './mbox-line-ends.ts';
import { isDatedBeforeField, separatorBytesMax } from './mbox-separator.ts';

const FROM = Buffer.from('From ', 'latin1');
/** More is let go, but for what may be the line end and the blank line before a separator. */
const heldBytesMax = 1024 * 1024;
const keptBytes = 64;
/** So many bytes of the first message are searched for its boundary. */
const headerBytesMax = 64 * 1024;

/** RFC 2046 §5.1.1, in a header that ends with the first blank line. */
const HEADER = /^(?:[^\r\n]+(?:\r\n|\n|\r)?)*/u;
const BOUNDARY = /^content-type[ \t]*:(?:[^\r\n]|[\r\n]+[ \t])*?boundary[ \t]*=[ \t]*(?:"([^"\r\n]+)"|([^\s;"]+))/imu;
/** What git writes before each patch, always with this date. */
const PATCH = /^From [0-9a-f]{40,64} Mon Sep 17 00:00:00 2001$/u;

/** A file whose first bytes are such as an mbox has, while it is looked through. */
interface Pass {
  readonly window: FileWindow;
  readonly lineEnds: LineEnds;
  /** The first separator is one of git's: others may be as well. */
  readonly isOfPatches: boolean;
  readonly signal: AbortSignal;
}

/** Whether a file begins with a separator of an mbox that has a date; a message may begin with such a line as well. */
export function beginsLikeMbox(beginning: Buffer): boolean {
  const found = mboxBeginning(beginning);
  return typeof found !== 'string' && found.separator.isDated;
}

/**
 * Whether a file that begins with a dated separator has another one, behind a blank line and before a field, that is not within a
 * part of the first message: then it is an mbox, whatever its name says. Reads up to that place, in bounded memory.
 */
export async function holdsSeveral(readAt: ReadAt, signal: AbortSignal): Promise<boolean> {
  const window = new FileWindow(readAt);
  await window.grow();
  const beginning = mboxBeginning(window.bytes);
  if (typeof beginning === 'string' || !beginning.separator.isDated) return false;
  const { fromLine, size } = beginning.separator;
  const pass = { window, lineEnds: beginning.lineEnds, isOfPatches: PATCH.test(fromLine), signal };
  let from = await behindParts(pass, beginning.at + size);
  while (from !== undefined) {
    const at: number | undefined = await seek(pass, FROM, from);
    if (at !== undefined && (await separates(pass, at))) return true;
    from = at === undefined ? undefined : at + FROM.length;
  }
  return false;
}

/** Where the parts of the message that begins at `from` end: `from` where it has none, undefined where they do not end. */
async function behindParts(pass: Pass, from: number): Promise<number | undefined> {
  const at = from - pass.window.start;
  const [header] = HEADER.exec(pass.window.bytes.toString('latin1', at, at + headerBytesMax)) ?? [''];
  const [, quoted, plain] = BOUNDARY.exec(header) ?? [];
  const boundary = quoted ?? plain;
  return boundary === undefined ? from : await seek(pass, Buffer.from(`--${boundary}--`, 'latin1'), from);
}

/** The first position at or after `position` where `needle` begins; lets go of what lies before. */
async function seek({ window, signal }: Pass, needle: Buffer, position: number): Promise<number | undefined> {
  for (let from = position; ;) {
    signal.throwIfAborted();
    if (window.bytes.length > heldBytesMax) window.moveTo(Math.max(window.start, from - keptBytes));
    const at = await window.find(needle, from, heldBytesMax);
    if (typeof at === 'number') return at;
    if (at === 'end') return undefined;
    from = Math.max(from, window.end - needle.length + 1);
  }
}

async function separates({ window, lineEnds, isOfPatches }: Pass, at: number): Promise<boolean> {
  const before = window.bytes.subarray(0, at - window.start);
  if (!endsLine(lineEnds, before.at(-1)) || blankLineAtEnd(lineEnds, before) === 0) return false;
  await window.hold(at + separatorBytesMax);
  const bytes = window.bytes.subarray(at - window.start);
  if (!isDatedBeforeField(bytes, lineEnds)) return false;
  return isOfPatches || !PATCH.test(/^[^\r\n]*/u.exec(bytes.toString('latin1', 0, separatorBytesMax))?.[0] ?? '');
}

/** What is in memory, as a file is read. */
export function readerOf(bytes: Buffer): ReadAt {
  return async (buffer, position) => await Promise.resolve(bytes.copy(buffer, 0, position));
}
