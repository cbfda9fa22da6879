import { contentText, decodeContent, estimateSize, isTextual } from './content.ts';
import type { Entity } from './entity.ts';
import { decodeText } from './charset.ts';
import { isEncrypted } from './encryption.ts';
import type { Place, Reading } from './reading.ts';
import { findUuencoded } from './uuencode.ts';

const BODY_TYPES = new Set(['text/plain', 'text/html', 'text/enriched', 'text/richtext']);
/** What mail programs write before the first part for readers that know no MIME. */
const BOILERPLATE =
  /^\s*(?:this is an? (?:multi-?part|cryptographically signed|openpgp|mime|s\/mime)|if you are reading this)/iu;
const BOILERPLATE_LENGTH_MAX = 400;
const ARMOUR = '-----BEGIN PGP MESSAGE-----';
const BEGIN = Buffer.from('begin ', 'latin1');

/** Octets outside the structure, or beyond what the structure may cost: words are still words. */
export function readRaw(content: Buffer, place: Place, reading: Reading): void {
  if (content.length === 0) return;
  const text = decodeText(worthReading(content, reading), '', reading.flags);
  if (text.length <= BOILERPLATE_LENGTH_MAX && (text.trim() === '' || BOILERPLATE.test(text))) return;
  reading.add(text, place.texts);
}

/** A part that contains no parts: body text, or an attachment. */
export function readLeaf(content: Buffer, entity: Entity, place: Place, reading: Reading): void {
  if (isEncrypted(content, entity)) reading.flags.add('encrypted');
  if (isBody(entity, place)) readBody(content, entity, place, reading);
  else readAttachment(content, entity, place, reading);
}

function isBody({ mediaType, disposition, fileName }: Entity, { seen, texts }: Place): boolean {
  if (!BODY_TYPES.has(mediaType) || disposition === 'attachment') return false;
  return fileName === '' || seen !== undefined || texts.length === 0;
}

function readBody(content: Buffer, entity: Entity, place: Place, reading: Reading): void {
  const decoded = decodeContent(worthReading(content, reading), entity.encoding, reading.flags);
  const plain = entity.mediaType === 'text/plain' ? withoutUuencoded(decoded, reading) : decoded;
  const text = contentText(plain, entity, reading.flags);
  if (text.includes(ARMOUR)) reading.flags.add('encrypted');
  reading.add(place.seen === undefined ? text : place.seen.fresh(text), place.texts);
}

/** Files between `begin` and `end` become attachments; the text around them stays. */
function withoutUuencoded(decoded: Buffer, reading: Reading): Buffer {
  if (!decoded.includes(BEGIN)) return decoded;
  const files = findUuencoded(decoded);
  if (files.length === 0) return decoded;
  const texts: Buffer[] = [];
  let done = 0;
  for (const file of files) {
    texts.push(decoded.subarray(done, file.start));
    done = file.end;
    const entity = { mediaType: 'application/octet-stream', fileName: file.name, ...UUENCODED };
    if (isEncrypted(file.bytes, entity)) reading.flags.add('encrypted');
    const attachment = reading.attach(file.name, entity.mediaType, file.bytes.length);
    if (isTextual(entity)) reading.add(contentText(file.bytes, entity, reading.flags), attachment.texts);
  }
  texts.push(decoded.subarray(done));
  return Buffer.concat(texts);
}

const UUENCODED = { charset: '', encoding: '7bit', disposition: 'attachment', boundary: '', parameters: new Map() };

function readAttachment(content: Buffer, entity: Entity, place: Place, reading: Reading): void {
  const { mediaType, fileName, encoding } = entity;
  if (isMessage(entity)) return readMessage(content, entity, place, reading);
  const textual = isTextual(entity);
  const encoded = textual ? worthReading(content, reading) : content;
  const isWhole = textual && encoded.length === content.length;
  const decoded = textual ? decodeContent(encoded, encoding, reading.flags) : content;
  const attachment = reading.attach(fileName, mediaType, isWhole ? decoded.length : estimateSize(content, encoding));
  if (textual) reading.add(contentText(decoded, entity, reading.flags), attachment.texts);
}

/** Octets that are a message of their own, encoded (RFC 2046 §5.2.1 forbids it, writers do it) or under another type. */
function isMessage({ mediaType, fileName }: Entity): boolean {
  if (mediaType === 'message/rfc822' || mediaType === 'message/global') return true;
  return mediaType === 'application/octet-stream' && /\.eml$/iu.test(fileName);
}

function readMessage(content: Buffer, entity: Entity, place: Place, reading: Reading): void {
  const isAffordable = place.depth < reading.budget.depth && content.length <= reading.enclosedLeft;
  const encoded = isAffordable ? content : worthReading(content, reading);
  const bytes = decodeContent(encoded, entity.encoding, reading.flags);
  const attachment = reading.attach(entity.fileName, entity.mediaType, bytes.length);
  if (isAffordable) {
    reading.enclosedLeft -= content.length;
    reading.enclosed.push({ bytes, texts: attachment.texts, depth: place.depth + 1 });
    return;
  }
  reading.flags.add('depth-truncated');
  readRaw(bytes, { ...place, texts: attachment.texts }, reading);
}

function worthReading(content: Buffer, reading: Reading): Buffer {
  if (content.length <= reading.octetsWorthReading) return content;
  reading.flags.add('text-truncated');
  return content.subarray(0, reading.octetsWorthReading);
}
