/** What is written or read as an apostrophe, by typists, fonts, old programs and transliterations: all are one. */
const APOSTROPHES = String.raw`'\u0060\u0091\u0092\u00b4\u02b9\u02bb-\u02bf\u02c8\u0374\u055a\u05f3\u07f4\u07f5\u1fbd\u1fbf\u1fef\u1ffd\u1ffe\u2018\u2019\u201b\u2032\u2035\ua78b\ua78c\uff07\uff40`;
/** Raised, lowered and circled letters, digits and signs, fractions, units and numerals in one sign: part of a word for Unicode, and of none for who reads it. */
const RAISED = String.raw`\u00aa\u00b2\u00b3\u00b9\u00ba\u2070-\u209c\u2120\u2122\u02b0-\u02b8\u1d2c-\u1d6a\u2460-\u24ff\u2776-\u2793\u00bc-\u00be\u2150-\u215f\u20a8\u2100\u2101\u2103\u2105\u2106\u2109\u2121\u2139\u213b\u2160-\u2188\u3200-\u321e\u3220-\u33ff\ufdf0-\ufdfc`;
/** The zero-width space. */
const UNSEEN = String.raw`\u200b`;

export const APOSTROPHE_LIKE = new RegExp(`[${APOSTROPHES}]`, 'gu');
const SEAM = new RegExp(`[${APOSTROPHES}${RAISED}${UNSEEN}]`, 'gu');

/** Where in a text a word may be taken apart. */
export function* seamsIn(text: string): Generator<number> {
  for (const { index } of text.matchAll(SEAM)) yield index;
}

const OUTSIDE = 1;
const WITHIN = 2;
const APOSTROPHE = 3;

/** What each UTF-16 unit is to the words around it; 0 where none was met yet. */
const known = new Uint8Array(0x1_0000);

function kindOf(unit: number): number {
  const kept = known[unit] ?? OUTSIDE;
  return kept === 0 ? (known[unit] = classify(String.fromCharCode(unit))) : kept;
}

function classify(unit: string): number {
  if (new RegExp(`[${APOSTROPHES}]`, 'u').test(unit)) return APOSTROPHE;
  if (new RegExp(`[${RAISED}${UNSEEN}]`, 'u').test(unit)) return OUTSIDE;
  return /[\p{L}\p{M}\p{N}\p{Cs}\p{Default_Ignorable_Code_Point}]/u.test(unit) ? WITHIN : OUTSIDE;
}

export function isApostrophe(unit: number): boolean {
  return kindOf(unit) === APOSTROPHE;
}

/** Where the part of a word that ends here began: behind the last seam or the beginning of the word. */
export function startOfPart(text: string, end: number): number {
  let at = end;
  while (at > 0 && kindOf(text.charCodeAt(at - 1)) === WITHIN) at--;
  return at;
}

/** Where the part of a word that begins here ends. */
export function endOfPart(text: string, start: number): number {
  let at = start;
  while (at < text.length && kindOf(text.charCodeAt(at)) === WITHIN) at++;
  return at;
}
