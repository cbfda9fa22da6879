import { FileWindow, type ReadAt } from './file-window.ts';
import { mboxBeginning } from './mbox-beginning.ts';
import { blankLineAtEnd, endsLine, type LineEnds } from './mbox-line-ends.ts';
import { isDatedBeforeField, separatorBytesMax } from './mbox-separator.ts';

const FROM = Buffer.from('From ', 'latin1');
/** More is let go, but for what may be the line end and the blank line before a separator. */
const heldBytesMax = 1024 * 1024;
const keptBytes = 64;

/** Whether a file begins with a separator of an mbox that has a date; a message may begin with such a line as well. */
export function beginsLikeMbox(beginning: Buffer): boolean {
  const found = mboxBeginning(beginning);
  return typeof found !== 'string' && found.separator.isDated;
}

/**
 * Whether a file that begins with a dated separator has another one behind a blank line and before a field: then it is an mbox,
 * whatever its name says. Reads up to that place, in bounded memory.
 */
export async function holdsSeveral(readAt: ReadAt, signal: AbortSignal): Promise<boolean> {
  const window = new FileWindow(readAt);
  await window.grow();
  const beginning = mboxBeginning(window.bytes);
  if (typeof beginning === 'string' || !beginning.separator.isDated) return false;
  for (let from = beginning.at + beginning.separator.size; ;) {
    signal.throwIfAborted();
    const at = await window.find(FROM, from, heldBytesMax);
    if (at === 'end') return false;
    if (at !== 'too-far' && (await isSeparator(window, at, beginning.lineEnds))) return true;
    from = at === 'too-far' ? Math.max(from, window.end - FROM.length + 1) : at + FROM.length;
    if (window.bytes.length > heldBytesMax) window.moveTo(Math.max(window.start, from - keptBytes));
  }
}

async function isSeparator(window: FileWindow, at: number, lineEnds: LineEnds): Promise<boolean> {
  const before = window.bytes.subarray(0, at - window.start);
  if (!endsLine(lineEnds, before.at(-1)) || blankLineAtEnd(lineEnds, before) === 0) return false;
  await window.hold(at + separatorBytesMax);
  return isDatedBeforeField(window.bytes.subarray(at - window.start), lineEnds);
}

/** What is in memory, as a file is read. */
export function readerOf(bytes: Buffer): ReadAt {
  return async (buffer, position) => await Promise.resolve(bytes.copy(buffer, 0, position));
}
