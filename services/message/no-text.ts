import { wordSet } from './word-set.ts';

/** Controls that text does not have: all but NUL, which is left out, and those of layout and of escape sequences. */
const CONTROLS = new RegExp(String.raw`[\u0001-\u0008\u000e-\u001a\u001c-\u001f]`, 'gu');
/** Of so many characters one at most may be such a control. */
const CHARACTERS_A_CONTROL = 50;
/** What files begin with whose words are not those of their octets. */
const OTHER_FORMS = ['{\\rtf', '%PDF-', '%!PS', 'PK\u0003\u0004', 'Rar!\u001a\u0007'];
/** The same in hexadecimal: OLE (.doc, .xls, .msg), Java, 7z, xz, gzip, zstd, TNEF, ELF, PNG, JPEG. */
const OTHER_OCTETS = [
  ...wordSet(`
  d0cf11e0a1b11ae1 cafebabe 377abcaf271c fd377a585a00 1f8b08 28b52ffd 789f3e22 7f454c46 89504e470d0a ffd8ff
`),
];
const OCTETS_MAX = 8;
const BZIP2 = /^BZh[1-9]1AY&SY/u;
/** Files within text that nobody here decodes: yEnc, BinHex (RFC 1741). */
const FILES_IN_TEXT = /^=ybegin (?:part|line)=|^\(This file must be converted with BinHex/mu;
/** White space that may stand before. */
const START_LENGTH = 200;

/** Whether what calls itself text is something else, so that its words are not those that a person sees. */
export function isNoText(bytes: Buffer, text: string): boolean {
  const octets = bytes.toString('hex', 0, OCTETS_MAX);
  if (OTHER_OCTETS.some((other) => octets.startsWith(other))) return true;
  const start = text.slice(0, START_LENGTH).trimStart();
  if (BZIP2.test(start) || OTHER_FORMS.some((form) => start.startsWith(form))) return true;
  if (FILES_IN_TEXT.test(text)) return true;
  const controls = text.match(CONTROLS)?.length ?? 0;
  return controls * CHARACTERS_A_CONTROL > text.length;
}
