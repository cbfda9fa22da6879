import { isApostrophe } from './seams.ts';

/** A longer run of letters is several tokens: every engine has a longest token, and none of them may cut one silently. */
export const TOKEN_UNITS_MAX = 256;

export interface AsciiTokens {
  readonly tokens: string;
  /** Where in `tokens` an apostrophe was dropped: before the character at each of these places. */
  readonly joints: readonly number[];
}

const SPACE = 0x20;
const JOINS = 1;

/** What an ASCII character becomes; 0 where it divides, `JOINS` where it divides unless two letters are around it. */
const fold = new Uint8Array(128).map((_, code) => {
  const character = String.fromCharCode(code).toLowerCase();
  if (/[a-z0-9]/u.test(character)) return character.charCodeAt(0);
  return isApostrophe(code) ? JOINS : 0;
});

const NO_JOINTS: readonly number[] = [];
const jointsOfOne = new Int32Array(4096);

let scratch = Buffer.alloc(64 * 1024);

function scratchFor(units: number): Buffer {
  if (units > 1024 * 1024) return Buffer.allocUnsafe(units);
  if (units > scratch.length) scratch = Buffer.alloc(units);
  return scratch;
}

/**
 * What the analyzer gives for a text of ASCII, in a fraction of the time; undefined where the general way is needed: other
 * characters, a token over the limit, a host in Punycode, very many apostrophes.
 */
export function analyzeAscii(text: string): AsciiTokens | undefined {
  // UTF-8 is as long as UTF-16 exactly when all of it is ASCII.
  if (Buffer.byteLength(text) !== text.length) return undefined;
  const bytes = scratchFor(text.length + 1);
  const length = bytes.write(text, 'latin1');
  const { end, longest, joined } = foldInPlace(bytes, length);
  if (longest > TOKEN_UNITS_MAX || joined >= jointsOfOne.length) return undefined;
  const tokens = bytes.toString('latin1', 0, Math.max(0, end - 1));
  // Rare, and most often what the label of a host in Punycode begins with.
  if (tokens.includes('xn ')) return undefined;
  return { tokens, joints: joined === 0 ? NO_JOINTS : [...jointsOfOne.subarray(0, joined)] };
}

/** No token grows, and what divides is written once at most. Nothing is called within the loop: that would make it a third slower. */
function foldInPlace(bytes: Buffer, length: number): { end: number; longest: number; joined: number } {
  bytes[length] = SPACE;
  let end = 0;
  let start = 0;
  let longest = 0;
  let joined = 0;
  for (let at = 0; at <= length; at++) {
    const code = fold[bytes[at] ?? 0] ?? 0;
    if (code > JOINS) {
      bytes[end++] = code;
    } else if (end > start) {
      if (code === JOINS && (fold[bytes[at + 1] ?? 0] ?? 0) > JOINS) {
        jointsOfOne[joined++] = end;
        continue;
      }
      longest = Math.max(longest, end - start);
      bytes[end++] = SPACE;
      start = end;
    }
  }
  return { end, longest, joined };
}
