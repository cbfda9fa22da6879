import { decodeContent } from './content.ts';
import type { Entity } from './entity.ts';

/** A message that is declared as one, one that its name and its first line betray, or a header without its message. */
export type MessageForm = 'message' | 'text' | 'header';

/** RFC 2046 §5.2.1, RFC 6532 §3.7, what news readers write, and other spellings of these. */
const MESSAGE = /^message\/(?:(?:x-)?rfc-?\d{3,4}|(?:x-)?global|(?:x-)?news)$/u;
const ARCHIVE = 'application/x-mimearchive';
/** RFC 6522 §4, RFC 6533 §6.2. */
const HEADERS = new Set(['text/rfc822-headers', 'message/global-headers']);
const MESSAGE_NAME = /\.(?:eml|mht|mhtml|mime)$/iu;
/** Behind what `headerStart` steps over. */
const FIRST_FIELD = /^(?:\xef\xbb\xbf)?[\s\0]*(?:>*From |(?:[!-9;-~]{1,100})[ \t]*:)/u;
/** Encoded octets that hold the first line. */
const START_LENGTH = 4000;

/** Octets that are a message of their own, encoded (RFC 2046 §5.2.1 forbids it, writers do it) or under another type. */
export function messageForm(content: Buffer, entity: Entity): MessageForm | undefined {
  const { mediaType, fileName, parameters } = entity;
  if (isMessageType(mediaType) || mediaType === ARCHIVE) return 'message';
  if (HEADERS.has(mediaType)) return 'header';
  // RFC 2046 §5.2.2: the first part begins with the whole message's header, the others anywhere.
  if (mediaType === 'message/partial') return parameters.get('number') === '1' ? 'text' : undefined;
  if (!MESSAGE_NAME.test(fileName)) return undefined;
  if (mediaType === 'application/octet-stream') return 'message';
  return mediaType.startsWith('text/') && beginsWithField(content, entity) ? 'text' : undefined;
}

/** Whether a part of that type is a message, in place where it is not encoded. */
export function isMessageType(mediaType: string): boolean {
  return mediaType.startsWith('message/') && MESSAGE.test(mediaType);
}

function beginsWithField(content: Buffer, { encoding }: Entity): boolean {
  const start = decodeContent(content.subarray(0, START_LENGTH), encoding, new Set());
  return FIRST_FIELD.test(start.toString('latin1'));
}
