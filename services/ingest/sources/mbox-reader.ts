import { digestOf, limits } from '#kernel';
import { TemporaryFile, type Received } from '../temporary-file.ts';
import { FileWindow, type ReadAt } from './file-window.ts';
import { mboxBeginning } from './mbox-beginning.ts';
import { blankLineAtEnd, endsLine, lastLineEnd, type LineEnds } from './mbox-line-ends.ts';
import { unquoted, type MboxVariant } from './mbox-quoting.ts';
import { separatorAtStart, separatorBytesMax, type Separator } from './mbox-separator.ts';

export interface MboxMessage extends Received {
  /** Without its line end, as latin1. */
  readonly fromLine: string;
  /** Byte position of the message: after the `From ` line, or at it if the line belongs to the message. */
  readonly offset: number;
}

export interface MboxOptions {
  readonly variant: MboxVariant;
  readonly temporaryFolder: string;
  readonly inMemoryBytesMax?: number;
}

/** One pass over one file. */
interface Pass {
  readonly window: FileWindow;
  readonly lineEnds: LineEnds;
  readonly options: MboxOptions;
}

interface Placed extends Separator {
  /** Position in the file. */
  readonly at: number;
}

const FROM = Buffer.from('From ', 'latin1');
/** Kept back when a large message is written piece by piece: a separator or a blank line may begin in it. */
const heldBackBytes = 64 * 1024;

/**
 * The messages of an mbox file, in order, in bounded memory. What separates them, `separatorAtStart` says; every other byte is one
 * of a message, except the blank line before a separator or the end of the file. Line ends are left as they are. A byte
 * order mark and blank lines before the first separator are passed over.
 * @throws Error the file does not begin with a separator
 */
export async function* mboxMessages(readAt: ReadAt, options: MboxOptions): AsyncGenerator<MboxMessage> {
  const window = new FileWindow(readAt);
  await window.grow();
  if (window.bytes.length === 0) return;
  const beginning = mboxBeginning(window.bytes);
  if (typeof beginning === 'string') throw new Error(`it ${beginning}`);
  const pass = { window, lineEnds: beginning.lineEnds, options };
  let separator: Placed | undefined = { ...beginning.separator, at: beginning.at };
  while (separator !== undefined) {
    const { fromLine, at, size, isKept }: Placed = separator;
    const offset: number = isKept ? at : at + size;
    window.moveTo(offset);
    const { received, next }: { received: Received; next: Placed | undefined } = await nextMessage(pass, at + size);
    yield { ...received, fromLine, offset };
    separator = next;
  }
}

/** The message that begins where the window does, and the first separator at or after `from`. */
async function nextMessage(pass: Pass, from: number): Promise<{ received: Received; next: Placed | undefined }> {
  const { window, options } = pass;
  const heldBytesMax = options.inMemoryBytesMax ?? limits.messageInMemoryBytesMax;
  const found = await findSeparator(pass, from, heldBytesMax);
  if (isTooFar(found)) return await toFile(pass, found.searchedTo);
  const next = found === 'end' ? undefined : found;
  return { received: inMemory(pass, takeUpTo(window, next?.at ?? window.end), next === undefined), next };
}

/** There is no separator before this position, and the window is as large as it may be. */
interface TooFar {
  readonly searchedTo: number;
}

function isTooFar(found: Placed | 'end' | TooFar): found is TooFar {
  return typeof found === 'object' && 'searchedTo' in found;
}

/** The first separator at or after `position`; reads on while the window is not above `heldBytesMax`, but for some lines. */
async function findSeparator(pass: Pass, position: number, heldBytesMax: number): Promise<Placed | 'end' | TooFar> {
  const { window } = pass;
  for (let from = position; ;) {
    const at = await window.find(FROM, from, heldBytesMax);
    if (at === 'end') return at;
    if (at === 'too-far') return { searchedTo: window.end - FROM.length + 1 };
    const isLine = at === window.start || endsLine(pass.lineEnds, window.bytes[at - window.start - 1]);
    // To look at the line the window may have to grow: where such lines are dense, it would grow at each.
    if (isLine && at - window.start > heldBytesMax) return { searchedTo: at };
    const separator = isLine ? await separatorAt(pass, at) : undefined;
    if (separator !== undefined) return { ...separator, at };
    from = at + FROM.length;
  }
}

/** @param at where a line begins */
async function separatorAt({ window, lineEnds }: Pass, at: number): Promise<Separator | undefined> {
  const before = at - window.start;
  await window.hold(at + separatorBytesMax);
  const afterBlank = blankLineAtEnd(lineEnds, window.bytes.subarray(0, before)) > 0;
  return separatorAtStart(window.bytes.subarray(before), afterBlank, lineEnds);
}

function takeUpTo(window: FileWindow, position: number): Buffer {
  const bytes = window.bytes.subarray(0, position - window.start);
  window.moveTo(position);
  return bytes;
}

/** @param last whether the file ends here: a blank line that is all there is then separates nothing, and is kept */
function inMemory({ lineEnds, options }: Pass, raw: Buffer, last: boolean): Received {
  const blank = blankLineAtEnd(lineEnds, raw);
  const whole = last && blank === raw.length ? raw : raw.subarray(0, raw.length - blank);
  // A copy of its own: a slice would keep the whole window in memory.
  const bytes = Buffer.from(unquoted(whole, options.variant, lineEnds, true));
  return { content: { bytes }, size: bytes.length, digest: digestOf(bytes) };
}

/** @param from no separator begins before */
async function toFile(pass: Pass, from: number): Promise<{ received: Received; next: Placed | undefined }> {
  const file = await TemporaryFile.create(pass.options.temporaryFolder);
  try {
    const next = await writePieces(pass, from, file);
    return { received: await file.finish(), next };
  } catch (thrown) {
    await file.abandon();
    throw thrown;
  }
}

/** Answers the separator behind the message. */
async function writePieces(pass: Pass, from: number, file: TemporaryFile): Promise<Placed | undefined> {
  const { window, lineEnds, options } = pass;
  let searchedTo = from;
  for (let atLineStart = true; ;) {
    const found = await findSeparator(pass, searchedTo, 2 * heldBackBytes);
    if (!isTooFar(found)) {
      const next = found === 'end' ? undefined : found;
      const piece = takeUpTo(window, next?.at ?? window.end);
      const whole = piece.subarray(0, piece.length - blankLineAtEnd(lineEnds, piece));
      await file.write(unquoted(whole, options.variant, lineEnds, atLineStart));
      return next;
    }
    ({ searchedTo } = found);
    const piece = takeUpTo(window, endOfPiece(pass, searchedTo));
    await file.write(unquoted(piece, options.variant, lineEnds, atLineStart));
    atLineStart = endsLine(lineEnds, piece.at(-1));
  }
}

/**
 * Behind the last line end that is not held back. In a line longer than the window the cut falls within it; only a run of
 * `>` longer than what is held back could then hide a quoted `From `, and is left as it is.
 */
function endOfPiece({ window, lineEnds }: Pass, searchedTo: number): number {
  const usable = searchedTo - window.start - heldBackBytes;
  const lineEnd = lastLineEnd(lineEnds, window.bytes, usable);
  return window.start + (lineEnd >= 0 ? lineEnd + 1 : usable);
}
