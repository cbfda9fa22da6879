import { analyze } from './analyzer.ts';
import { endOfPart, isApostrophe, startOfPart } from './seams.ts';

/**
 * Stands between two addresses and between two attachments, so that no phrase reaches across. It is a token to every
 * engine, and no query can contain it, because the analyzer gives letters, marks and digits only.
 */
export const BOUNDARY = '¶';

/** Between texts that are no neighbours. */
export const BETWEEN = ` ${BOUNDARY} `;

/** Shorter parts say nothing: `l'`, `'s`. */
const PART_UNITS_MIN = 2;
/** Parts that are remembered so as not to be said twice. */
const SEEN_MAX = 10_000;

/**
 * The tokens of a text that is searched: those of the analyzer, then, each by itself, the parts of words that a reader may take
 * apart: `accord` of `l'accord`, `okoye` of `Okoye's` and of `Okoye²`. A phrase goes through the whole words only.
 */
export function documentText(text: string): string {
  const seams: number[] = [];
  const tokens = analyze(text, seams);
  return seams.length === 0 ? tokens : [tokens, ...partsAt(text, seams)].join(BETWEEN);
}

function partsAt(text: string, seams: readonly number[]): string[] {
  const parts: string[] = [];
  const seen = new Set<string>();
  for (const seam of seams) {
    const before = text.slice(startOfPart(text, seam), seam);
    const behind = text.slice(seam + 1, endOfPart(text, seam + 1));
    if (!isTakenApart(before, behind, text.charCodeAt(seam))) continue;
    for (const part of [before, behind]) {
      if (part.length < PART_UNITS_MIN || seen.has(part)) continue;
      if (seen.size >= SEEN_MAX) seen.clear();
      seen.add(part);
      const tokens = analyze(part);
      if (tokens !== '') parts.push(tokens);
    }
  }
  return parts;
}

/** Nobody reads `don` in `don't`; an apostrophe takes nothing apart at an end, as other seams may. */
function isTakenApart(before: string, behind: string, seam: number): boolean {
  if (!isApostrophe(seam)) return true;
  return before !== '' && behind !== '' && behind !== 't' && behind !== 'T';
}
