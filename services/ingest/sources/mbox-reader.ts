import { digestOf, limits } from '#kernel';
import { TemporaryFile, type Received } from '../temporary-file.ts';
import { FileWindow, type ReadAt } from './file-window.ts';
import { firstFromLine } from './mbox-beginning.ts';
import { unquoted, type MboxVariant } from './mbox-quoting.ts';

export interface MboxMessage extends Received {
  /** Without its line end, as latin1; at most 1,000 characters of it. */
  readonly fromLine: string;
  /** Byte position of the message, after the `From ` line. */
  readonly offset: number;
}

export interface MboxOptions {
  readonly variant: MboxVariant;
  readonly temporaryFolder: string;
  readonly inMemoryBytesMax?: number;
}

const SEPARATOR = Buffer.from('\nFrom ', 'latin1');
const LF = Buffer.from('\n', 'latin1');
const fromLineCharactersMax = 1000;
/** Kept back when a large message is written piece by piece: a separator or a blank line may begin in it. */
const heldBackBytes = 64 * 1024;

/**
 * The messages of an mbox file, in order, in bounded memory. Every line that begins with `From ` is a separator (qmail's
 * mbox(5): a reader does not rely on the blank line before it); the blank line before it, or before the end of the file, is
 * not part of the message. Line ends are left as they are. A byte order mark and blank lines before the first are passed over.
 */
export async function* mboxMessages(readAt: ReadAt, options: MboxOptions): AsyncGenerator<MboxMessage> {
  const window = new FileWindow(readAt);
  const inMemoryBytesMax = options.inMemoryBytesMax ?? limits.messageInMemoryBytesMax;
  await window.grow();
  window.moveTo(firstFromLine(window.bytes) ?? 0);
  while (window.bytes.length > 0) {
    const fromLine = await readFromLine(window, inMemoryBytesMax);
    const offset = window.start;
    // The line end before the body may be the first byte of the separator that follows.
    const found =
      window.bytes.toString('latin1', 0, 5) === 'From ' ? offset : await nextSeparator(window, inMemoryBytesMax);
    const received =
      found === 'too-far' ? await toFile(window, options) : inMemory(takeUpTo(window, found), options.variant);
    yield { ...received, fromLine, offset };
  }
}

/** Position just after the line end before the next `From ` line, or the end of the file. */
async function nextSeparator(window: FileWindow, heldBytesMax: number): Promise<number | 'too-far'> {
  const at = await window.find(SEPARATOR, window.start, heldBytesMax);
  if (at === 'end') return window.end;
  return at === 'too-far' ? at : at + 1;
}

async function readFromLine(window: FileWindow, heldBytesMax: number): Promise<string> {
  const at = await window.find(LF, window.start, heldBytesMax);
  const end = typeof at === 'number' ? at : window.end;
  const line = window.bytes.toString('latin1', 0, Math.min(end - window.start, fromLineCharactersMax));
  window.moveTo(Math.min(end + 1, window.end));
  if (window.bytes.length < SEPARATOR.length && !window.atEnd) await window.grow();
  return line.replace(/\r$/u, '');
}

function takeUpTo(window: FileWindow, position: number): Buffer {
  const bytes = window.bytes.subarray(0, position - window.start);
  window.moveTo(position);
  return bytes;
}

function inMemory(raw: Buffer, variant: MboxVariant): Received {
  const message = unquoted(withoutBlankLine(raw, true), variant, true);
  // A copy of its own: a slice would keep the whole window in memory.
  const bytes = Buffer.from(message);
  return { content: { bytes }, size: bytes.length, digest: digestOf(bytes) };
}

async function toFile(window: FileWindow, options: MboxOptions): Promise<Received> {
  const file = await TemporaryFile.create(options.temporaryFolder);
  try {
    await writePieces(window, file, options.variant);
    return await file.finish();
  } catch (thrown) {
    await file.abandon();
    throw thrown;
  }
}

async function writePieces(window: FileWindow, file: TemporaryFile, variant: MboxVariant): Promise<void> {
  let atLineStart = true;
  for (;;) {
    const at = await window.find(SEPARATOR, window.start, 2 * heldBackBytes);
    const last = at === 'too-far' ? undefined : at === 'end' ? window.end : at + 1;
    const piece = takeUpTo(window, last ?? endOfPiece(window));
    const endsLine = piece.at(-1) === LF[0];
    await file.write(unquoted(last === undefined ? piece : withoutBlankLine(piece, false), variant, atLineStart));
    if (last !== undefined) return;
    atLineStart = endsLine;
  }
}

/**
 * Behind the last line end that is not held back. In a line longer than the window the cut falls within it; only a run of
 * `>` longer than what is held back could then hide a quoted `From `, and is left as it is.
 */
function endOfPiece(window: FileWindow): number {
  const usable = window.bytes.length - heldBackBytes;
  const lineEnd = window.bytes.lastIndexOf(LF, usable);
  return window.start + (lineEnd >= 0 ? lineEnd + 1 : usable);
}

/** @param whole whether `bytes` is the whole message, so that it may itself be the blank line */
function withoutBlankLine(bytes: Buffer, whole: boolean): Buffer {
  for (const blank of ['\n', '\r\n']) {
    const isBlank = whole && bytes.length === blank.length && bytes.toString('latin1') === blank;
    const ends = bytes.toString('latin1', Math.max(0, bytes.length - blank.length - 1)) === `\n${blank}`;
    if (isBlank || ends) return bytes.subarray(0, bytes.length - blank.length);
  }
  return bytes;
}
