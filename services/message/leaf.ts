import { withoutControls } from './controls.ts';
import { contentTexts, decodeContent, estimateSize, isTextual } from './content.ts';
import type { Entity } from './entity.ts';
import { decodeText } from './charset.ts';
import { isEncrypted, isOpaqueSigned, isSignature } from './encryption.ts';
import { messageForm } from './message-form.ts';
import type { MessageForm } from './message-form.ts';
import { isNoText } from './no-text.ts';
import type { Place, Reading } from './reading.ts';
import { splitHeader } from './split-header.ts';
import { isBase64Block } from './transfer-encoding.ts';
import { findUuencoded, type UuencodedFile } from './uuencode.ts';

const BODY_TYPES = new Set(['text/plain', 'text/html', 'text/enriched', 'text/richtext', 'text/x-amp-html']);
const CALENDARS = new Set(['text/calendar', 'application/ics']);
const BEGIN = Buffer.from('begin', 'latin1');

/** Octets outside the structure, or beyond what the structure may cost: words are still words. */
export function readRaw(content: Buffer, place: Place, reading: Reading): void {
  if (content.length === 0) return;
  const decoded = withoutUuencoded(worthReading(content, reading), place, reading);
  const text = decodeText(decoded, '', reading.flags);
  if (isNoText(decoded, text) || isBase64Block(content)) reading.flags.add('unreadable-text');
  if (/\S/u.test(text)) reading.add(withoutControls(text), place.texts);
}

/** A part that contains no parts: body text, or an attachment. */
export function readLeaf(content: Buffer, entity: Entity, place: Place, reading: Reading): void {
  if (isEncrypted(content, entity)) reading.flags.add('encrypted');
  if (entity.mediaType === 'message/partial' || isOpaqueSigned(entity)) reading.flags.add('unreadable-text');
  noteTrait(entity, place, reading);
  const form = messageForm(content, entity);
  if (form !== undefined) readMessage(content, entity, { place, form }, reading);
  else if (isBody(entity, place)) readBody(content, entity, place, reading);
  else readAttachment(content, entity, place, reading);
}

function noteTrait(entity: Entity, place: Place, reading: Reading): void {
  const { mediaType } = entity;
  if (isSignature(mediaType) || isOpaqueSigned(entity)) reading.note('signature', place);
  if (CALENDARS.has(mediaType)) reading.note('invitation', place);
}

function isBody({ mediaType, disposition, fileName }: Entity, { seen, texts }: Place): boolean {
  if (!BODY_TYPES.has(mediaType) || disposition === 'attachment') return false;
  return fileName === '' || seen !== undefined || texts.length === 0;
}

function readBody(content: Buffer, entity: Entity, place: Place, reading: Reading): void {
  for (const name of [entity.fileName, entity.otherName]) reading.add(name, reading.notes);
  if (entity.mediaType === 'text/html') reading.note('html', place);
  const decoded = decodeContent(worthReading(content, reading), entity.encoding, reading.flags);
  flagEncoded(content, entity, reading);
  const plain = entity.mediaType === 'text/plain' ? withoutUuencoded(decoded, place, reading) : decoded;
  for (const text of contentTexts(plain, entity, reading)) {
    reading.add(place.seen === undefined ? text : place.seen.fresh(text), place.texts);
  }
}

/** Text that is base64 all over says something that is not read: its header did not say so, or where we did not look. */
function flagEncoded(content: Buffer, { encoding, mediaType }: Entity, reading: Reading): void {
  const isPlain = encoding === '7bit' && mediaType.startsWith('text/');
  if (isPlain && isBase64Block(content)) reading.flags.add('unreadable-text');
}

/** Files between `begin` and `end` become attachments; the text around them stays, and so does one that may be text after all. */
function withoutUuencoded(decoded: Buffer, place: Place, reading: Reading): Buffer {
  if (!decoded.includes(BEGIN)) return decoded;
  const { files, isUnterminated } = findUuencoded(decoded);
  if (isUnterminated) reading.flags.add('unreadable-text');
  if (files.length === 0) return decoded;
  const texts: Buffer[] = [];
  let done = 0;
  for (const file of files) {
    if (!file.isInDoubt) {
      texts.push(decoded.subarray(done, file.start));
      done = file.end;
    }
    readUuencoded(file, place, reading);
  }
  texts.push(decoded.subarray(done));
  return Buffer.concat(texts);
}

function readUuencoded({ name, bytes, words }: UuencodedFile, place: Place, reading: Reading): void {
  const entity = { mediaType: 'application/octet-stream', fileName: name, ...UUENCODED };
  if (isEncrypted(bytes, entity)) reading.flags.add('encrypted');
  const form = messageForm(bytes, entity);
  if (form !== undefined) return readMessage(bytes, entity, { place, form }, reading);
  const attachment = reading.attach(entity, bytes.length);
  attachment.isRead = isTextual(entity);
  if (attachment.isRead) addContent(bytes, entity, attachment.texts, reading);
  if (words !== '') reading.add(words, attachment.texts);
}

const UUENCODED = {
  otherName: '',
  charset: '',
  encoding: '7bit',
  disposition: 'attachment',
  boundary: '',
  parameters: new Map(),
};

function readAttachment(content: Buffer, entity: Entity, place: Place, reading: Reading): void {
  const { mediaType, encoding } = entity;
  const textual = isTextual(entity);
  if (textual) flagEncoded(content, entity, reading);
  const encoded = textual ? worthReading(content, reading) : content;
  const isWhole = textual && encoded.length === content.length;
  const decoded = textual ? decodeContent(encoded, encoding, reading.flags) : content;
  const attachment = reading.attach(entity, isWhole ? decoded.length : estimateSize(content, encoding));
  attachment.isRead = textual || isSignature(mediaType);
  if (!textual) return;
  const plain = mediaType === 'text/plain' ? withoutUuencoded(decoded, place, reading) : decoded;
  addContent(plain, entity, attachment.texts, reading);
}

function addContent(decoded: Buffer, entity: Entity, texts: string[], reading: Reading): void {
  for (const text of contentTexts(decoded, entity, reading)) reading.add(text, texts);
}

interface Enclosing {
  readonly place: Place;
  readonly form: MessageForm;
}

function readMessage(content: Buffer, entity: Entity, { place, form }: Enclosing, reading: Reading): void {
  const isAffordable = place.depth < reading.budget.depth && content.length <= reading.enclosedLeft;
  const encoded = isAffordable ? content : worthReading(content, reading);
  const bytes = decodeContent(encoded, entity.encoding, reading.flags);
  const attachment = reading.attach(entity, bytes.length);
  attachment.isRead = true;
  if (isAffordable) {
    reading.enclosedLeft -= content.length;
    // What calls itself text shows all its fields.
    if (form !== 'message') {
      const shown = form === 'text' && entity.mediaType.startsWith('text/') ? bytes : splitHeader(bytes).headerBytes;
      addContent(shown, entity, attachment.texts, reading);
    }
    const isHeader = form === 'header';
    reading.enclosed.push({ bytes, texts: attachment.texts, depth: place.depth + 1, isHeader });
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
