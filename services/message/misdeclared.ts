import { isAscii, isUtf8 } from 'node:buffer';
import { wordSet } from './word-set.ts';

/** Charsets of two octets a character, by the names of `iconv-lite`; the second may be an ASCII letter, or be taken for one. */
const DOUBLE_OCTET = wordSet(`
  shiftjis csshiftjis mskanji sjis windows31j ms31j xsjis windows932 ms932 cp932 932 eucjp
  gb2312 gb231280 gb23121980 csgb2312 csiso58gb231280 euccn windows936 ms936 cp936 936 gbk xgbk isoir58 gb18030 chinese
  windows949 ms949 cp949 949 cseuckr csksc56011987 euckr isoir149 korean ksc56011987 ksc56011989 ksc5601
  windows950 ms950 cp950 950 big5 big5hkscs cnbig5 csbig5 xxbig5
`);
/** Charsets of Unicode, which are not mistaken for UTF-8. */
const UNICODE = /^(?:utf|ucs|cesu|unicode)/u;
/** A run of characters of two octets; a match is long or short, never begun again. */
const DOUBLE_RUN = new RegExp(String.raw`(?:[\x80-\xff][\0-\xff])+`, 'gu');
const WORD = /^[a-z]{2}/iu;
const LETTER_END = /[a-z]$/iu;

/** UTF-8 under the name of a charset of one octet a character: its writer's words are not those that this charset shows. */
export function isMisdeclaredUtf8(bytes: Buffer, name: string): boolean {
  return !isAscii(bytes) && !DOUBLE_OCTET.has(name) && !UNICODE.test(name) && isUtf8(bytes);
}

/**
 * Whether a lead octet that stands alone takes the first letter of an ASCII word: readers that are stricter, or know another
 * charset, show that word.
 */
export function eatsLetters(bytes: Buffer, name: string): boolean {
  if (!DOUBLE_OCTET.has(name) || isAscii(bytes)) return false;
  const text = bytes.toString('latin1');
  for (const { 0: run, index } of text.matchAll(DOUBLE_RUN)) {
    const end = index + run.length;
    if (run.length === 2 && LETTER_END.test(run) && WORD.test(text.slice(end, end + 2))) return true;
  }
  return false;
}
