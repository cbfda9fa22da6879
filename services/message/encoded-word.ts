import type { ParseFlag } from '#kernel';
import { decodeText } from './charset.ts';
import { decodeBase64, decodeQuotedPrintable } from './transfer-encoding.ts';

/** RFC 2047 §2 allows 75 characters for a word; a charset's name beyond this is none. */
const CHARSET_LENGTH_MAX = 60;

interface Word {
  readonly charset: string;
  readonly bytes: Buffer;
  readonly end: number;
}

/**
 * Unfolded header text with its encoded words decoded (RFC 2047), wherever they stand, quotes included. Adjacent words of one
 * charset are joined as octets before decoding, because many writers split characters between them. Linear.
 */
export function decodeEncodedWords(text: string, flags: Set<ParseFlag>): string {
  let start = text.indexOf('=?');
  if (start < 0) return text;
  const out: string[] = [];
  let done = 0;
  while (start >= 0) {
    const word = readWord(text, start, flags);
    if (word === 'none-follow') break;
    if (word === undefined) {
      start = text.indexOf('=?', start + 2);
      continue;
    }
    out.push(text.slice(done, start));
    done = readRun(text, word, out, flags);
    start = text.indexOf('=?', done);
  }
  out.push(text.slice(done));
  return out.join('');
}

/** Decodes a word and those that follow it with nothing but white space between; returns where they end. */
function readRun(text: string, first: Word, out: string[], flags: Set<ParseFlag>): number {
  let charset = first.charset;
  let held = [first.bytes];
  let end = first.end;
  for (;;) {
    const next = afterSpace(text, end);
    const word = text.startsWith('=?', next) ? readWord(text, next, flags) : undefined;
    if (word === undefined || word === 'none-follow') break;
    if (word.charset.toLowerCase() !== charset.toLowerCase()) {
      out.push(decodeText(Buffer.concat(held), charset, flags));
      held = [];
      charset = word.charset;
    }
    held.push(word.bytes);
    end = word.end;
  }
  out.push(decodeText(Buffer.concat(held), charset, flags));
  return end;
}

function afterSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++;
  return at;
}

function readWord(text: string, start: number, flags: Set<ParseFlag>): Word | undefined | 'none-follow' {
  const mark = text.indexOf('?', start + 2);
  if (mark < 0) return 'none-follow';
  if (mark === start + 2 || mark - start - 2 > CHARSET_LENGTH_MAX || text.charCodeAt(mark + 2) !== 0x3f)
    return undefined;
  const encoding = text.charAt(mark + 1).toLowerCase();
  if (encoding !== 'q' && encoding !== 'b') return undefined;
  const end = text.indexOf('?=', mark + 3);
  if (end < 0) return 'none-follow';
  const encoded = Buffer.from(text.slice(mark + 3, end), 'latin1');
  const bytes = encoding === 'b' ? decodeBase64(encoded, flags) : decodeQuotedPrintable(encoded, flags, true);
  return { charset: text.slice(start + 2, mark), bytes, end: end + 2 };
}
