import type { ParseFlag } from '#kernel';
import { CR, HYPHEN, LF, SPACE, TAB, beforeLineEnd, endsBare, lineEndAt, nextLineAt } from './octets.ts';

/** A delimiter line that was found (RFC 2046 §5.1.1). */
export interface Delimiter {
  /** Which of the open boundaries it is, 0 the outermost. */
  readonly level: number;
  readonly closing: boolean;
  /** End of the content before it. */
  readonly contentEnd: number;
  /** Start of the line after it. */
  readonly next: number;
}

/**
 * Octets compared for one message before only the innermost boundary is looked for: many open boundaries that begin alike,
 * and many lines that begin like them, would else multiply.
 */
const COMPARED_OCTETS_MAX = 100_000_000;

/** The boundaries of the multiparts that are open, outermost first. */
export class BoundaryStack {
  readonly #boundaries: Buffer[] = [];
  readonly #flags: Set<ParseFlag>;
  #compared = 0;

  constructor(flags: Set<ParseFlag>) {
    this.#flags = flags;
  }

  get depth(): number {
    return this.#boundaries.length;
  }

  push(boundary: string): void {
    const octets = Buffer.from(boundary, 'latin1');
    // The same boundary inside itself: readers disagree which of the two a delimiter belongs to.
    if (this.#boundaries.some((open) => open.equals(octets))) this.#flags.add('ambiguous-structure');
    this.#boundaries.push(octets);
  }

  cutTo(depth: number): void {
    this.#boundaries.length = depth;
  }

  /** The next delimiter line of any open boundary, looking from the start of a line; undefined when there is none before `end`. */
  next(bytes: Buffer, from: number, end: number): Delimiter | undefined {
    if (this.#boundaries.length === 0) return undefined;
    let line = from;
    while (line < end) {
      const delimiter = this.at(bytes, line, from, end);
      if (delimiter !== undefined) return delimiter;
      line = nextLineAt(bytes, lineEndAt(bytes, line, end), end);
    }
    return undefined;
  }

  /** The delimiter on the line that starts at `line`, if it is one. Content before it began at `from`. */
  at(bytes: Buffer, line: number, from: number, end: number): Delimiter | undefined {
    if (bytes[line] !== HYPHEN || bytes[line + 1] !== HYPHEN) return undefined;
    let prefixed = false;
    // Innermost first: that is where the next delimiter usually belongs.
    for (let level = this.#boundaries.length - 1; level >= this.#outermost(); level--) {
      const after = this.#afterBoundary(bytes, line + 2, end, level);
      if (after < 0) continue;
      const delimiter = readDelimiter(bytes, { line, from, end, level, after });
      if (delimiter !== undefined) return this.#checked(bytes, delimiter, line, end);
      prefixed = true;
    }
    // A boundary with something behind it: some readers compare prefixes only.
    if (prefixed) this.#flags.add('ambiguous-structure');
    return undefined;
  }

  #afterBoundary(bytes: Buffer, start: number, end: number, level: number): number {
    const boundary = this.#boundaries[level];
    if (boundary === undefined || start + boundary.length > end) return -1;
    let index = 0;
    while (index < boundary.length && bytes[start + index] === boundary[index]) index++;
    this.#compared += index + 1;
    return index === boundary.length ? start + index : -1;
  }

  #outermost(): number {
    if (this.#compared < COMPARED_OCTETS_MAX) return 0;
    this.#flags.add('ambiguous-structure').add('depth-truncated');
    return this.#boundaries.length - 1;
  }

  #checked(bytes: Buffer, delimiter: Delimiter, line: number, end: number): Delimiter {
    const bareBefore = line > 0 && bytes[line - 1] === CR;
    if (bareBefore || endsBare(bytes, lineEndAt(bytes, line, end), end)) this.#flags.add('ambiguous-structure');
    return delimiter;
  }
}

interface Candidate {
  readonly line: number;
  readonly from: number;
  readonly end: number;
  readonly level: number;
  /** Where the boundary's text ends. */
  readonly after: number;
}

/** What follows the boundary must be nothing, or `--`, and then white space only. */
function readDelimiter(bytes: Buffer, { line, from, end, level, after }: Candidate): Delimiter | undefined {
  const closing = bytes[after] === HYPHEN && bytes[after + 1] === HYPHEN && after + 1 < end;
  const lineEnd = endOfBlank(bytes, closing ? after + 2 : after, end);
  if (lineEnd < 0) return undefined;
  return { level, closing, contentEnd: beforeLineEnd(bytes, line, from), next: nextLineAt(bytes, lineEnd, end) };
}

/** End of a line on which only white space is left, or -1. */
function endOfBlank(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
  return at >= end || bytes[at] === LF || bytes[at] === CR ? at : -1;
}
