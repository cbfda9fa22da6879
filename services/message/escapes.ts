import type { Entity } from './entity.ts';
import { htmlToText } from './html-text.ts';

const JSON_NAME = /\.(?:json|jsonl|ndjson)$/iu;
const JSON_TYPE = /^(?:application|text)\/(?:x-)?(?:json|ndjson|jsonl)$|\+json$/u;
const XML_NAME = /\.(?:xml|svg|rss|atom)$/iu;
const XML_TYPE = /^(?:application|text)\/xml|\+xml$/u;

export function isJson({ fileName, mediaType }: Entity): boolean {
  return JSON_TYPE.test(mediaType) || JSON_NAME.test(fileName);
}

export function isXml({ fileName, mediaType }: Entity): boolean {
  return XML_TYPE.test(mediaType) || XML_NAME.test(fileName);
}

const SIGNS = new Map([
  ['b', ' '],
  ['f', ' '],
  ['n', '\n'],
  ['r', '\n'],
  ['t', '\t'],
]);

/** RFC 8259 §7. */
export function withoutJsonEscapes(text: string): string {
  return text.replace(/\\(?:u([0-9a-f]{4})|(["\\/bfnrt]))/giu, (_, hex: string | undefined, sign: string) =>
    hex === undefined ? (SIGNS.get(sign.toLowerCase()) ?? sign) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** Different names of characters that are looked up; HTML has fewer. */
const NAMES_MAX = 3000;
const REFERENCE = /&(?:#x([0-9a-f]{1,8})|#([0-9]{1,8})|([a-z][a-z0-9]{1,31}));/giu;

/** References to characters (XML 1.0 §4.1), those with names from HTML as well; the markup stays. */
export function withoutReferences(text: string): string {
  const known = new Map<string, string>();
  return text.replace(
    REFERENCE,
    (written, hex: string | undefined, decimal: string | undefined, name: string | undefined) => {
      if (name === undefined) return numbered(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16), written);
      const before = known.get(name);
      if (before !== undefined || known.size === NAMES_MAX) return before ?? written;
      const found = htmlToText(written) || ' ';
      known.set(name, found);
      return found;
    },
  );
}

function numbered(codePoint: number, written: string): string {
  return codePoint > 0x10_ffff ? written : String.fromCodePoint(codePoint);
}

const CDATA = /<!\[CDATA\[|\]\]>/gu;

/** XML 1.0 §2.7: where these begin and end, a word may go on. */
export function withoutCdata(text: string): string {
  return text.replace(CDATA, '');
}

/** Tags or comments between two letters. */
const TAGS_IN_WORD = /(?<=[\p{L}\p{M}\p{N}])(?:<[^<>]*>)+(?=[\p{L}\p{N}])/u;
const TAG = /<[^<>]*>/gu;

/** The text with its markup, and behind it without, where a word may go on behind a tag. */
export function withJoinedWords(text: string): string {
  return TAGS_IN_WORD.test(text) ? `${text}\n${text.replace(TAG, '')}` : text;
}
