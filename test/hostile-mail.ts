import { open } from 'node:fs/promises';

/** Messages that are meant to hurt a reader, made by code so that none of their megabytes is kept. */

const HEAD = [
  'From: Mallory Example <mallory@example.org>',
  'To: Victor Example <victor@example.org>',
  'Subject: hostile message',
  'Date: Mon, 14 May 2001 16:39:00 -0700',
  'Message-ID: <hostile@example.org>',
  'MIME-Version: 1.0',
].join('\r\n');

function message(fields: string, body: string): Buffer {
  return Buffer.from(`${HEAD}\r\n${fields}\r\n${body}`, 'latin1');
}

/** A body that says `bodyword`, then this in UTF-8. */
export function inUtf8(text: string): Buffer {
  return Buffer.from(`${HEAD}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nbodyword ${text}\r\n`, 'utf8');
}

/** Words that differ, each of eight letters and a space. */
export function differentWords(count: number): string {
  return Array.from({ length: count }, (_, at) => (at + 36 ** 7).toString(36)).join(' ');
}

/** Hosts in Punycode that differ: each label is decoded, and taken apart as well. */
export function punycodeHosts(count: number): string {
  return Array.from({ length: count }, (_, at) => `xn--${at}abc-kva.xn--${at}q-9sa.example`).join(' ');
}

/** Chinese characters in no order. */
export function han(count: number): string {
  const units = Uint16Array.from({ length: count }, (_, at) => 0x4e00 + (Math.imul(at, 0x9e3779b1) >>> 20));
  return Buffer.from(units.buffer).toString('utf16le');
}

/** A flat multipart with that many parts; the last one says `lastpart`. */
export function manyParts(count: number): Buffer {
  const parts = '--b\r\n\r\nx\r\n'.repeat(Math.max(0, count - 1));
  return message('Content-Type: multipart/mixed; boundary=b\r\n', `${parts}--b\r\n\r\nlastpart\r\n--b--\r\n`);
}

/** Multiparts inside each other; the innermost text says `innermost`. */
export function nestedMultiparts(depth: number): Buffer {
  const open: string[] = [];
  const close: string[] = [];
  for (let level = 0; level < depth; level++) {
    open.push(`Content-Type: multipart/mixed; boundary=n${level}n\r\n\r\n--n${level}n\r\n`);
    close.push(`\r\n--n${depth - 1 - level}n--`);
  }
  return Buffer.from(`${HEAD}\r\n${open.join('')}\r\ninnermost${close.join('')}\r\n`, 'latin1');
}

/** Attached messages inside each other, without boundaries; the innermost text says `innermost`. */
export function nestedMessages(depth: number): Buffer {
  return Buffer.from(`${HEAD}\r\n${'Content-Type: message/rfc822\r\n\r\n'.repeat(depth)}\r\ninnermost\r\n`, 'latin1');
}

/** Attached messages inside each other, each encoded in base64: every level must be decoded to see the next. */
export function nestedEncodedMessages(depth: number): Buffer {
  let inner = Buffer.from('Subject: innermost\r\n\r\ninnermost\r\n', 'latin1');
  for (let level = 0; level < depth; level++) {
    const fields = 'Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n';
    inner = Buffer.concat([Buffer.from(fields, 'latin1'), Buffer.from(inner.toString('base64'), 'latin1')]);
  }
  return Buffer.concat([Buffer.from(`${HEAD}\r\n`, 'latin1'), inner]);
}

/** Messages inside each other in quoted-printable, around a text of that many octets: no level is smaller than the next. */
export function nestedQuotedMessages(depth: number, length: number): Buffer {
  let inner = `Subject: innermost\r\n\r\n${'word '.repeat(length / 5)}\r\n`;
  for (let level = 0; level < depth; level++) {
    inner = `Content-Type: message/rfc822\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${inner}`;
  }
  return Buffer.from(`${HEAD}\r\n${inner}`, 'latin1');
}

export function unknownCharset(): Buffer {
  return message('Content-Type: text/plain; charset="x-klingon"\r\n', 'caf\u00e9 plainword\r\n');
}

/** Fields, and then text without a blank line between. */
export function noHeaderEnd(): Buffer {
  return Buffer.from(`${HEAD}\r\nthis line is no field and bodyword follows\r\n`, 'latin1');
}

/** Fields and nothing else, not even the blank line. */
export function headerOnly(): Buffer {
  return Buffer.from(`${HEAD}\r\n`, 'latin1');
}

/** NUL octets in header and body, some in the middle of words. */
export function nulBytes(): Buffer {
  return Buffer.from(`${HEAD.replace('hostile message', 'hos\0tile')}\r\n\r\nnul\0word and \0\0\0 more\r\n`, 'latin1');
}

export function withoutMessageId(): Buffer {
  return Buffer.from(`${HEAD.replace(/Message-ID: [^\r]*\r\n/u, '')}\r\n\r\nno id\r\n`, 'latin1');
}

export function fiveMessageIds(): Buffer {
  const ids = [1, 2, 3, 4, 5].map((number) => `Message-ID: <id${number}@example.org>\r\n`).join('');
  return Buffer.from(`${HEAD.replace(/Message-ID: [^\r]*\r\n/u, ids)}\r\n\r\nfive ids\r\n`, 'latin1');
}

/** A message whose Date field has this value. */
export function dated(date: string): Buffer {
  return Buffer.from(`${HEAD.replace(/Date: [^\r]*/u, `Date: ${date}`)}\r\n\r\ndated\r\n`, 'latin1');
}

export function inYear0002(): Buffer {
  return dated('Mon, 14 May 0002 16:39:00 -0700');
}

export function inYear60056(): Buffer {
  return dated('Mon, 14 May 60056 16:39:00 -0700');
}

/** Octets that are no message: every value, in an order that repeats after a long while. */
export function noMessage(length = 4096): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = 1;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
    bytes[index] = (state >>> 16) & 0xff;
  }
  return bytes;
}

export function empty(): Buffer {
  return Buffer.alloc(0);
}

/** One field of that many octets, folded or in one line. */
export function longField(length: number, folded: boolean): Buffer {
  const value = folded ? 'word\r\n '.repeat(Math.ceil(length / 7)) : 'w'.repeat(length);
  return message(`X-Long: ${value}\r\n`, 'bodyword\r\n');
}

export function manyFields(count: number): Buffer {
  return message('X-A: b\r\n'.repeat(count), 'bodyword\r\n');
}

export function longLine(length: number): Buffer {
  return message('', 'a'.repeat(length));
}

export function manyAddresses(count: number): Buffer {
  const list = Array.from({ length: count }, (_, index) => `a${index}@x.org`).join(',');
  return Buffer.from(`To: ${list}\r\n\r\naddresses\r\n`, 'latin1');
}

/** Groups that open and do not close, comments that nest. */
export function nestedGroups(count: number): Buffer {
  return Buffer.from(
    `To: ${'g:'.repeat(count)} a@x.org\r\nCc: ${'('.repeat(count)} b@x.org\r\n\r\ngroups\r\n`,
    'latin1',
  );
}

/**
 * Writes a message of that many bytes without ever holding it: text first (`firstword`), then one base64 attachment that fills
 * it up.
 */
export async function hugeMessage(file: string, bytes: number): Promise<void> {
  const head = `${HEAD}\r\nContent-Type: multipart/mixed; boundary=huge\r\n\r\n--huge\r\n\r\nfirstword of a huge message\r\n`;
  const part = `--huge\r\nContent-Type: application/octet-stream; name="huge.bin"\r\nContent-Transfer-Encoding: base64\r\n\r\n`;
  const start = Buffer.from(head + part, 'latin1');
  const end = Buffer.from('\r\n--huge--\r\n', 'latin1');
  const line = `${'QUJD'.repeat(19)}\r\n`;
  const chunk = Buffer.from(line.repeat(13_000), 'latin1');
  await using handle = await open(file, 'w');
  await handle.writeFile(start);
  let left = bytes - start.length - end.length;
  while (left > 0) {
    const piece = chunk.subarray(0, Math.min(left, chunk.length));
    await handle.writeFile(piece);
    left -= piece.length;
  }
  await handle.writeFile(end);
}
