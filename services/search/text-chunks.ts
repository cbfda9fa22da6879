/** Units of a text that are analysed together: what analysing takes besides its result is a few times this, whatever the text is. */
export const CHUNK_UNITS = 64 * 1024;
/** How far behind that a place is looked for at which nothing is divided that belongs together. */
const SEARCHED_UNITS = 64 * 1024;
/** Marks that are left with what they stand on where there was no such place. */
const MARKS_MAX = 32;

/**
 * A text in pieces whose tokens are together those of the whole: divided before white space, signs that join nothing, and between Han
 * characters. What goes on for longer without these, as no writing does, is divided anywhere; its tokens are then others
 * than those of the same letters elsewhere, and always the same for the same text.
 */
export function* chunksOf(text: string): Generator<string> {
  let start = 0;
  while (text.length - start > CHUNK_UNITS) {
    const end = placeToDivide(text, start + CHUNK_UNITS);
    yield text.slice(start, end);
    start = end;
  }
  yield start === 0 ? text : text.slice(start);
}

function placeToDivide(text: string, from: number): number {
  const last = Math.min(text.length, from + SEARCHED_UNITS);
  for (let at = from; at < last; at++) if (divides(text, at)) return at;
  if (last === text.length) return last;
  let at = last;
  while (last - at < MARKS_MAX && /[\p{M}\udc00-\udfff]/u.test(text.charAt(at))) at--;
  return at;
}

/** Signs of ASCII but apostrophes and hyphens (which labels of hosts have), and the commonest of East Asia. */
const DIVIDERS = new Set('\t\n\r !"#$%&()*+,./:;<=>?@[\\]^_{|}~\u3000\u3001\u3002');

function divides(text: string, at: number): boolean {
  return DIVIDERS.has(text.charAt(at)) || (isHan(text.charCodeAt(at)) && isHan(text.charCodeAt(at - 1)));
}

/** CJK Unified Ideographs: nothing composes with them. */
function isHan(unit: number): boolean {
  return unit >= 0x4e00 && unit <= 0x9fff;
}
