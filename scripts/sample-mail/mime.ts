import { createHash } from 'node:crypto';
import { encodeText, type Charset } from './charset.ts';

/** A MIME entity (RFC 2045): its header lines and its body, which ends without a line end. */
export interface Part {
  readonly headers: readonly string[];
  readonly body: Buffer;
}

export type TransferEncoding = 'quoted-printable' | 'base64' | '8bit' | '7bit';

export function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

/** A token that follows from a name: for Message-IDs and boundaries. */
export function tokenOf(name: string, length: number): string {
  return createHash('sha256').update(name).digest('hex').slice(0, length);
}

/** RFC 2047: as many encoded words as are needed for words of at most 75 characters. */
export function encodedWords(text: string, charset: Charset): string {
  if (isAscii(text)) return text;
  const words: string[] = [];
  let piece = '';
  for (const character of text) {
    const longer = piece + character;
    if (encodeText(longer, charset).length > 39) {
      words.push(piece);
      piece = character;
    } else piece = longer;
  }
  words.push(piece);
  const label = charset.toUpperCase();
  return words.map((word) => `=?${label}?B?${encodeText(word, charset).toString('base64')}?=`).join(' ');
}

/** A header line, folded at spaces before column 78 where it has any (RFC 5322 §2.2.3). */
export function headerLine(name: string, value: string): string {
  const lines: string[] = [];
  let line = `${name}:`;
  for (const word of value.split(' ')) {
    if (line.length + word.length + 1 > 76 && line !== `${name}:`) {
      lines.push(line);
      line = '';
    }
    line += ` ${word}`;
  }
  return [...lines, line].join('\r\n');
}

function base64Lines(bytes: Buffer): string {
  return (bytes.toString('base64').match(/.{1,76}/gu) ?? []).join('\r\n');
}

/** RFC 2045 §6.7: lines of at most 76 characters, white space at the end of a line encoded. */
function quotedPrintable(bytes: Buffer): string {
  const lines = bytes.toString('latin1').split('\r\n');
  return lines.map((line) => quotedLine(line)).join('\r\n');
}

function quotedLine(line: string): string {
  const units = Array.from(line, (character, index) => {
    const isLastSpace = character === ' ' && index === line.length - 1;
    const isPlain = /[\t -<>-~]/u.test(character) && !isLastSpace;
    return isPlain ? character : `=${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  });
  const out = [''];
  for (const unit of units) {
    if ((out.at(-1) ?? '').length + unit.length > 75) out.push('');
    out[out.length - 1] += unit;
  }
  return out.join('=\r\n');
}

function transfer(bytes: Buffer, encoding: TransferEncoding): Buffer {
  if (encoding === 'base64') return Buffer.from(base64Lines(bytes));
  if (encoding === 'quoted-printable') return Buffer.from(quotedPrintable(bytes));
  return bytes;
}

/** `text` has `\n` line ends; the part has CRLF. */
export function textPart(text: string, subtype: string, charset: Charset, encoding: TransferEncoding): Part {
  const bytes = encodeText(text.replaceAll('\n', '\r\n'), charset);
  return {
    headers: [`Content-Type: text/${subtype}; charset=${charset}`, `Content-Transfer-Encoding: ${encoding}`],
    body: transfer(bytes, encoding),
  };
}

function parameter(name: string, value: string): string {
  // RFC 2231 §4 for what is not ASCII.
  return isAscii(value) ? `${name}="${value}"` : `${name}*=utf-8''${encodeURIComponent(value)}`;
}

export function attachmentPart(name: string, mediaType: string, bytes: Buffer): Part {
  return {
    headers: [
      `Content-Type: ${mediaType};\r\n ${parameter('name', name)}`,
      `Content-Disposition: attachment;\r\n ${parameter('filename', name)}`,
      'Content-Transfer-Encoding: base64',
    ],
    body: Buffer.from(base64Lines(bytes)),
  };
}

export function messagePart(bytes: Buffer): Part {
  return { headers: ['Content-Type: message/rfc822', 'Content-Disposition: attachment'], body: bytes };
}

export function partBytes(part: Part): Buffer {
  return Buffer.concat([Buffer.from(`${part.headers.join('\r\n')}\r\n\r\n`), part.body]);
}

/** `subtype` may carry parameters: `report; report-type=delivery-status`. */
export function multipart(subtype: string, parts: readonly Part[], name: string): Part {
  const boundary = `=_${tokenOf(`boundary ${subtype} ${name}`, 24)}`;
  const pieces = parts.flatMap((part) => [Buffer.from(`--${boundary}\r\n`), partBytes(part), Buffer.from('\r\n')]);
  return {
    headers: [`Content-Type: multipart/${subtype};\r\n boundary="${boundary}"`],
    body: Buffer.concat([...pieces, Buffer.from(`--${boundary}--`)]),
  };
}
