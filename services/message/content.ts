import type { ParseFlag } from '#kernel';
import { wordSet } from './word-set.ts';
import { decodeText } from './charset.ts';
import type { Entity } from './entity.ts';
import { htmlToText } from './html-text.ts';
import type { LinkSet } from './link-set.ts';
import { asRead, formOf } from './line-forms.ts';
import { withoutControls } from './controls.ts';
import { isNoText } from './no-text.ts';
import { decodeBase64, decodeQuotedPrintable, estimateBase64Size } from './transfer-encoding.ts';
import { markedOrder } from './utf16.ts';
import { decodeUuencode } from './uuencode.ts';

/** Types outside text/ and message/ whose octets are text. */
const TEXT_TYPES = wordSet(`
  application/json application/xml application/csv application/ics application/x-vcard
  application/rtf application/xhtml+xml application/javascript application/x-javascript
  application/x-sh application/sql application/pgp-keys application/yaml application/x-yaml
  application/x-ndjson application/x-patch application/x-diff
`);
const TEXT_EXTENSION = /\.(?:txt|csv|tsv|json|jsonl|xml|ics|vcf|html?|log|md|ya?ml|diff|patch|sql|ini|conf)$/iu;
const UNKNOWN_TYPES = new Set(['application/octet-stream', 'application/unknown', 'application/x-unknown']);

/** Whether an attachment's octets can be read as text without an extractor. */
export function isTextual({ mediaType, fileName }: Entity): boolean {
  if (mediaType.startsWith('text/') || mediaType.startsWith('message/')) return true;
  if (TEXT_TYPES.has(mediaType) || mediaType.endsWith('+xml') || mediaType.endsWith('+json')) return true;
  return UNKNOWN_TYPES.has(mediaType) && TEXT_EXTENSION.test(fileName);
}

/** `text/html`, and what is written like it: `text/x-amp-html`, `application/xhtml+xml`. */
const HTML_TYPE = /^(?:text|application)\/[a-z0-9.+-]*html[a-z0-9.+-]*$/u;
const HTML_NAME = /\.html?$/iu;

export function isHtml({ mediaType, fileName }: Entity): boolean {
  return HTML_TYPE.test(mediaType) || HTML_NAME.test(fileName);
}

/** The octets of a leaf after transfer decoding. */
export function decodeContent(content: Buffer, encoding: string, flags: Set<ParseFlag>): Buffer {
  switch (encoding) {
    case 'base64':
      return decodeBase64(content, flags);
    case 'quoted-printable':
      return decodeQuotedPrintable(content, flags);
    case 'uuencode':
    case 'x-uuencode':
    case 'x-uue':
      return decodeUuencode(content, flags);
    default:
      return content;
  }
}

/** The size that `decodeContent` would give, without decoding. */
export function estimateSize(content: Buffer, encoding: string): number {
  return encoding === 'base64' ? estimateBase64Size(content) : content.length;
}

/** What is noticed on the way to the words. */
export interface Found {
  readonly flags: Set<ParseFlag>;
  /** What HTML links to. */
  readonly links: LinkSet;
}

/** The words of decoded octets; then, by themselves, words that a reader may see in them otherwise. */
export function contentTexts(decoded: Buffer, entity: Entity, found: Found): readonly string[] {
  const { flags, links } = found;
  const marked = markedCharset(decoded);
  const declared = entity.charset || (isHtml(entity) ? declaredInHtml(decoded) : declaredInXml(decoded));
  const text = decodeText(decoded, marked ?? declared, flags);
  if (isNoText(decoded, text)) flags.add('unreadable-text');
  const shown = withoutControls(text);
  const further = new Set<string>();
  const read = asTypeAndName(shown, entity, { flags, links, further });
  // References and escapes may stand for controls.
  const texts = [read === shown ? read : withoutControls(read)];
  if (further.size > 0) texts.push(withoutControls(`≈ ${[...further].join(' ≈ ')}`));
  return texts;
}

/** What comes of reading besides the text. */
interface Asides extends Found {
  /** Words that a reader may see otherwise than they are written. */
  readonly further: Set<string>;
}

/** The type rules how text is read (RFC 2045 §5). Where its name says otherwise, as some readers have it, it is read both ways. */
function asTypeAndName(shown: string, entity: Entity, asides: Asides): string {
  const { fileName, mediaType } = entity;
  if (fileName === '' || UNKNOWN_TYPES.has(mediaType)) return asOne(shown, entity, asides);
  const [typed, named] = [
    { ...entity, fileName: '' },
    { ...entity, mediaType: NO_TYPE },
  ];
  const asTyped = asOne(shown, typed, asides);
  if (isHtml(named) === isHtml(typed) && formOf(named) === formOf(typed)) return asTyped;
  const asNamed = asOne(shown, named, asides);
  return asNamed === shown || asNamed === asTyped ? asTyped : `${asTyped}\n${asNamed}`;
}

const NO_TYPE = 'application/octet-stream';

function asOne(shown: string, entity: Entity, { flags, links, further }: Asides): string {
  return isHtml(entity) ? htmlToText(shown, flags, further, links) : asRead(shown, entity, flags);
}

/** A mark at the beginning says more than any declaration, as the WHATWG Encoding Standard has it. */
function markedCharset(decoded: Buffer): string | undefined {
  const order = markedOrder(decoded);
  // The mark of UTF-32 begins like that of UTF-16.
  const isUtf32 = order === 'utf-16le' && decoded.readUInt16LE(Math.min(2, decoded.length - 2)) === 0;
  return isUtf32 ? undefined : order;
}

/** What in HTML is no element: a declaration in it is none. */
const NO_ELEMENTS = /<!--[^]*?(?:-->|$)|<(script|style|title|textarea|noscript|xmp)\b[^]*?(?:<\/\1|$)/giu;
/** Text that can be searched for a declaration is in none of these, whatever that says. */
const WIDE = /^(?:x-)?(?:utf|ucs|iso-?10646).{0,8}(?:16|32|2|4)/iu;

/** `<meta charset=…>` in the first KiB, as the WHATWG standard has it. */
function declaredInHtml(decoded: Buffer): string {
  const head = decoded.toString('latin1', 0, 1024).replace(NO_ELEMENTS, ' ');
  const charset = /<meta[^<>]{0,200}?charset\s{0,4}=\s{0,4}["']?([\w.:-]{1,40})/iu.exec(head)?.[1] ?? '';
  return WIDE.test(charset) ? '' : charset;
}

/** XML 1.0 §4.3.3. */
function declaredInXml(decoded: Buffer): string {
  const head = decoded.toString('latin1', 0, 200);
  return /^<\?xml\s[^<>]{0,100}?encoding\s{0,4}=\s{0,4}["']([\w.:-]{1,40})/u.exec(head)?.[1] ?? '';
}
