import type { ParseFlag } from '#kernel';
import { describe, expect, test } from '@jest/globals';
import { decodeText } from '../../../services/message/charset.ts';
import { decodeEncodedWords } from '../../../services/message/encoded-word.ts';
import { parseParameters } from '../../../services/message/parameters.ts';
import { decodeBase64, decodeQuotedPrintable } from '../../../services/message/transfer-encoding.ts';

function flagged<Result>(run: (flags: Set<ParseFlag>) => Result): [Result, ParseFlag[]] {
  const flags = new Set<ParseFlag>();
  return [run(flags), [...flags]];
}

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('transfer encodings', () => {
  test.each([
    ['aGVsbG8=', 'hello', []],
    ['aGVs\r\nbG8=\r\n', 'hello', []],
    ['aGVsbG8', 'hello', []],
    ['aGV*sbG8=', 'hello', ['ambiguous-structure', 'bad-encoding']],
    ['aGVsbG8=IHlvdQ==', 'hello you', ['ambiguous-structure', 'bad-encoding']],
    ['', '', []],
    ['====', '', []],
  ])('base64 %j', (encoded, decoded, flags) => {
    expect(flagged((found) => decodeBase64(latin(encoded), found).toString('latin1'))).toEqual([decoded, flags]);
  });

  test('base64 decodes every octet value', () => {
    const bytes = Buffer.from(Array.from({ length: 1024 }, (_, at) => (at * 7) & 0xff));
    expect(decodeBase64(latin(bytes.toString('base64')), new Set()).equals(bytes)).toBe(true);
  });

  test.each([
    ['caf=E9', 'café', []],
    ['caf=e9', 'café', []],
    ['a=\r\nb=\nc=  \r\nd', 'abcd', []],
    ['a=', 'a', []],
    ['1=2', '1=2', ['bad-encoding']],
    ['a=Zz', 'a=Zz', ['bad-encoding']],
  ])('quoted-printable %j', (encoded, decoded, flags) => {
    expect(flagged((found) => decodeQuotedPrintable(latin(encoded), found).toString('latin1'))).toEqual([
      decoded,
      flags,
    ]);
  });
});

describe('charsets', () => {
  test.each([
    ['utf-8', '636166c3a9', 'café'],
    ['"UTF-8"', '636166c3a9', 'café'],
    ["utf-8*en'", '636166c3a9', 'café'],
    ['iso-8859-1', '636166e9', 'café'],
    ['iso-8859-1', '93e994', '“é”'],
    ['windows-1251', 'eff0e8', 'при'],
    ['koi8-r', 'd0d2c9', 'при'],
    ['iso-8859-2', 'b1', 'ą'],
    ['shift_jis', '83658358', 'テス'],
    ['euc-jp', 'a5c6a5b9', 'テス'],
    ['iso-2022-jp', '1b2442254625391b2842', 'テス'],
    ['gb18030', 'd6d0cec4', '中文'],
    ['gb2312', 'd6d0cec4', '中文'],
    ['hz-gb-2312', '7e7b56504e447e7d21', '中文!'],
    ['hz', '7e7b56504e447e7d21', '中文!'],
    ['big5', 'a4a4a4e5', '中文'],
    ['euc-kr', 'c7d1b1db', '한글'],
    ['ks_c_5601-1987', 'c7d1b1db', '한글'],
    ['iso-2022-kr', '1b2429430e4751315b0f21', '한글!'],
    ['utf-7', '2b4147452d', 'a\n+AGE-'],
    ['utf-16le', '61006200', 'ab'],
    ['ANSI_X3.4-1968', '6162', 'ab'],
  ])('%s %s', (charset, hex, text) => {
    expect(flagged((found) => decodeText(Buffer.from(hex, 'hex'), charset, found))).toEqual([text, []]);
  });

  test.each([
    ['x-klingon', '636166c3a9', 'café', ['unknown-charset']],
    ['x-klingon', '636166e9', 'café', ['unknown-charset', 'unreadable-text']],
    ['hex', '636166e9', 'café', ['unknown-charset', 'unreadable-text']],
    ['base64', '636166e9', 'café', ['unknown-charset', 'unreadable-text']],
    ['', '636166e9', 'café', ['undeclared-8bit', 'unreadable-text']],
    ['us-ascii', '636166c3a9', 'café', ['undeclared-8bit']],
    ['x-unknown', '636166e9', 'café', ['undeclared-8bit', 'unreadable-text']],
    ['utf-8', '636166e920e8', 'café è', ['bad-encoding', 'unreadable-text']],
    ['iso-2022-jp', 'e38386', 'テ', ['bad-encoding']],
  ])('%s that is not so: %s', (charset, hex, text, flags) => {
    expect(flagged((found) => decodeText(Buffer.from(hex, 'hex'), charset, found))).toEqual([text, flags]);
  });

  test.each([
    ['iso-2022-jp-2', '1b242843475131421b284261', ['bad-encoding', 'unreadable-text']],
    ['', '1b242843475131421b284261', ['bad-encoding', 'unreadable-text']],
    ['gb18030', 'd6d0ff', ['bad-encoding', 'unreadable-text']],
    ['euc-kr', 'c7', ['bad-encoding', 'unreadable-text']],
    ['iso-8859-1', '63616681', ['bad-encoding', 'unreadable-text']],
    ['ibm037', '838186', ['unknown-charset', 'unreadable-text']],
    ['cp037', '838186', ['unknown-charset', 'unreadable-text']],
  ])('%s %s: what cannot be read is flagged', (charset, hex, flags) => {
    expect(flagged((found) => decodeText(Buffer.from(hex, 'hex'), charset, found))[1]).toEqual(flags);
  });

  test('ISO-2022-JP is recognised undeclared', () => {
    expect(decodeText(Buffer.from('1b2442254625391b2842', 'hex'), '', new Set())).toBe('テス');
  });
});

describe('encoded words (RFC 2047)', () => {
  test.each([
    ['plain', 'plain'],
    ['=?utf-8?Q?caf=C3=A9?=', 'café'],
    ['=?UTF-8?q?a_b?=', 'a b'],
    ['=?utf-8?B?Y2Fmw6k=?= and', 'café and'],
    ['=?utf-8?Q?a?= =?utf-8?Q?b?=', 'ab'],
    ['=?utf-8?Q?a?=\t  =?iso-8859-1?Q?=E9?= c', 'aé c'],
    ['=?utf-8?Q?=C3?= =?utf-8?Q?=A9?=', 'é'],
    ['=?utf-8?B?4w==?= =?utf-8?B?g4Y=?=', 'テ'],
    ['=?iso-2022-jp?B?GyRCJUYbKEI=?= =?iso-2022-jp?B?GyRCJTkbKEI=?=', 'テス'],
    ['=?utf-8*en?Q?caf=C3=A9?=', 'café'],
    ['=?utf-8?Q?with spaces inside?=', 'with spaces inside'],
    ['"=?utf-8?Q?quoted?="', '"quoted"'],
    ['a=?utf-8?Q?b?=c', 'abc'],
    ['=?utf-8?Q?never closed', '=?utf-8?Q?never closed'],
    ['=?utf-8?X?what?=', '=?utf-8?X?what?='],
    ['=??Q?a?= b', '=??Q?a?= b'],
    ['=?utf-8?Q??=', ''],
    ['=?a?q?x?= =?b?q?y?= =?a?q?z?=', 'xyz'],
  ])('%j', (encoded, decoded) => {
    expect(decodeEncodedWords(encoded, new Set())).toBe(decoded);
  });
});

describe('parameters (RFC 2045, RFC 2231)', () => {
  test.each([
    ['text/plain; charset=utf-8', 'text/plain', { charset: 'utf-8' }],
    ['Text/Plain ; CHARSET = "utf-8" ;', 'text/plain', { charset: 'utf-8' }],
    ['text/plain (hm); charset=us-ascii (Plain; text)', 'text/plain', { charset: 'us-ascii' }],
    ['x/y; name="a;b\\"c"', 'x/y', { name: 'a;b"c' }],
    ['x/y; name=my file (1).txt', 'x/y', { name: 'my file (1).txt' }],
    ['x/y; name="=?utf-8?Q?caf=C3=A9?="', 'x/y', { name: 'café' }],
    ["x/y; name*=utf-8'en'caf%C3%A9", 'x/y', { name: 'café' }],
    ["x/y; name*0*=iso-8859-1''caf; name*1*=%E9; name*2=.txt", 'x/y', { name: 'café.txt' }],
    ['x/y; name*1=b; name*0=a', 'x/y', { name: 'ab' }],
    ["x/y; name=old; name*=utf-8''new", 'x/y', { name: 'new', 'name*': 'old' }],
    ['x/y; name="open', 'x/y', { name: 'open' }],
    ['x/y; =nothing; nor; a==', 'x/y', { a: '=' }],
    ['x/y; __proto__=p; constructor=c', 'x/y', JSON.parse('{"__proto__":"p","constructor":"c"}')],
  ])('%j', (text, value, parameters) => {
    const parsed = parseParameters(text, new Set());
    expect(parsed.value).toBe(value);
    expect(Object.fromEntries(parsed.parameters)).toEqual(parameters);
  });
});
