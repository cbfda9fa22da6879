import { analyze, hostsIn } from './analyzer.ts';
import { analyzeAscii, type AsciiTokens } from './ascii-analyzer.ts';
import { DocumentBudget } from './document-budget.ts';
import { endOfPart, isApostrophe, seamsIn, startOfPart } from './seams.ts';
import { CHUNK_UNITS, chunksOf } from './text-chunks.ts';

/**
 * Stands between two addresses and between two attachments, so that no phrase reaches across. It is a token to every
 * engine, and no query can contain it, because the analyzer gives letters, marks and digits only.
 */
export const BOUNDARY = '¶';

/** Between texts that are no neighbours. */
export const BETWEEN = ` ${BOUNDARY} `;

/** Shorter parts say nothing: `l'`, `'s`. */
const PART_UNITS_MIN = 2;

/**
 * The tokens of a text that is searched: those of the analyzer, then, each by itself and once, the parts of words that a reader
 * may take apart: `accord` of `l'accord`, `okoye` of `Okoye's` and of `Okoye²`, and of a host in Punycode. A phrase goes through the whole words only.
 * @param budget what is left for the document that this is a part of: beyond it, words are left out
 */
export function documentText(text: string, budget: DocumentBudget = new DocumentBudget()): string {
  if (text.length > CHUNK_UNITS) return longText(text, budget);
  const ascii = analyzeAscii(text);
  const tokens = budget.take(ascii?.tokens ?? analyze(text));
  const found = ascii === undefined ? partsOf(text) : partsOfAscii(ascii);
  return found.size === 0 ? tokens : withParts(tokens, addParts(found, new Set(), budget));
}

function longText(text: string, budget: DocumentBudget): string {
  const pieces: string[] = [];
  const parts = new Set<string>();
  for (const chunk of chunksOf(text)) {
    const ascii = analyzeAscii(chunk);
    const tokens = budget.take(ascii?.tokens ?? narrow(analyze(chunk)));
    if (tokens !== '') pieces.push(tokens);
    addParts(ascii === undefined ? partsOf(chunk) : partsOfAscii(ascii), parts, budget);
    if (budget.isSpent) break;
  }
  return withParts(pieces.join(' '), parts);
}

function withParts(tokens: string, parts: ReadonlySet<string>): string {
  return parts.size === 0 ? tokens : [tokens, ...parts].join(BETWEEN);
}

/** Each needs a token of its own before it. */
function addParts(found: ReadonlySet<string>, parts: Set<string>, budget: DocumentBudget): ReadonlySet<string> {
  for (const part of found) {
    if (parts.has(part)) continue;
    if (!budget.takesPart(part, BOUNDARY)) break;
    parts.add(part);
  }
  return parts;
}

/** In half the memory where no letter needs two bytes: a piece of a text keeps the width of the whole. */
function narrow(tokens: string): string {
  return Buffer.byteLength(tokens) === tokens.length ? Buffer.from(tokens, 'latin1').toString('latin1') : tokens;
}

const NO_PARTS: ReadonlySet<string> = new Set();

function partsOfAscii({ tokens, joints }: AsciiTokens): ReadonlySet<string> {
  if (joints.length === 0) return NO_PARTS;
  const parts = new Set<string>();
  for (const [index, joint] of joints.entries()) {
    const space = tokens.indexOf(' ', joint);
    const start = Math.max(tokens.lastIndexOf(' ', joint) + 1, joints[index - 1] ?? 0);
    const end = Math.min(space === -1 ? tokens.length : space, joints[index + 1] ?? tokens.length);
    for (const part of readAround(tokens.slice(start, joint), tokens.slice(joint, end)))
      if (part.length >= PART_UNITS_MIN) parts.add(part);
  }
  return parts;
}

function partsOf(text: string): Set<string> {
  const parts = new Set<string>();
  for (const seam of seamsIn(text)) {
    const before = text.slice(startOfPart(text, seam), seam);
    const behind = text.slice(seam + 1, endOfPart(text, seam + 1));
    const read = isApostrophe(text.charCodeAt(seam)) ? readAround(before, behind) : [before, behind];
    for (const part of read) if (part.length >= PART_UNITS_MIN) parts.add(analyze(part));
  }
  // Not every label is a host's: who reads `xn--heron` in a letter reads `heron`.
  for (const host of hostsIn(text)) {
    for (const part of host.split('-')) if (part.length >= PART_UNITS_MIN) parts.add(analyze(part));
  }
  parts.delete('');
  return parts;
}

/** What English contractions end with: nobody reads `re` in `we're`, and everybody `we`. */
const ENDINGS = new Set(['ll', 're', 've']);

/** The parts around an apostrophe; none where it stands at an end, nor of `don't`. */
function readAround(before: string, behind: string): readonly string[] {
  const ending = behind.toLowerCase();
  if (before === '' || ending === '' || ending === 't') return [];
  return ENDINGS.has(ending) ? [before] : [before, behind];
}
