import { describe, expect, test } from '@jest/globals';
import { htmlToText } from '../../../services/message/html-text.ts';
import { fingerprint, headerText, messageText, parseMessage, splitHeader } from '../../../services/message/index.ts';
import type { ParseFlag } from '../../../services/message/index.ts';

describe('HTML', () => {
  test.each([
    ['<p>one</p><p>two <b>bold</b>ly</p>', 'one\ntwo boldly'],
    ['a<br>b<hr/>c', 'a\nb\nc'],
    ['a &amp; b &eacute; &#233; &#x4e2d; &nosuch; 1 < 2', 'a & b é é 中 &nosuch; 1 < 2'],
    ['<td>a</td><td>b</td>', 'a b'],
    ['<img alt="a picture" src=x><a title=\'a &lt; title\'>link</a>', 'a picture a < title link'],
    ['<style>p { color: red }</style><script>var x = "<p>no</p>"</script>seen', 'seen'],
    ['<div style="display:none">hidden words</div>', 'hidden words'],
    ['<!-- a comment -->seen<!-- no -->', 'seen'],
    ['seen<!--[if mso]><p>by&nbsp;one</p><p>program</p><![endif]-->more', 'seen\nby one\nprogram\nmore'],
    ['a<!--[if gte mso 9]><b>b<!--[if mso]>c<![endif]-->d', 'a\nb[if mso]>c\nd'],
    ['a<!--[if !mso]><!--> b <!--<![endif]-->c', 'a\nb c'],
    ['a<!--[if mso]>never closed', 'a[if mso]>never closed'],
    ['<span style="display:block">a</span>b', 'a\nb'],
    ['a<a style="color: red; DISPLAY : inline-flex">b<a>c</a>d</a>e', 'a\nbcd\ne'],
    ['a<b style="display:/**/grid">b</b>c', 'a\nb\nc'],
    ['a<b style="display:inline">b</b>c<b style="display: none">d</b>e', 'abcde'],
    [`a<i style="${' '.repeat(3000)}">b</i>c`, 'a\nb\nc'],
    ['a<i style="display:list-item">b<i style="display:table">c</i>d</i>e', 'a\nb\nc\nd\ne'],
    ['a<dialog>b</dialog>c<template>d</template>e', 'a\nb\nc\nd\ne'],
    ['<svg><text>a</text><text>b</text></svg>c', 'a\nb\nc'],
    ['a<xmp>b</xmp>c', 'a\nb\nc'],
    ['a<input value="b c" placeholder=d>e<button value=f>g</button><li value=3>h', 'a b c d e f g\nh'],
    ['before<!-- never closed, but words', 'before never closed, but words'],
    ['before<style>never closed', 'beforenever closed'],
    ['before<a href="never closed', 'before<a href="never closed'],
    ['<title>the title</title>body', 'the title\nbody'],
    ['<pre>one\n  two</pre>', 'one\ntwo'],
    ['  a \n\n  b\u00a0c  ', 'a b c'],
    ['<P>A</P><DIV>B</DIV>', 'A\nB'],
    ['', ''],
  ])('%j', (html, text) => {
    expect(htmlToText(html)).toBe(text);
  });

  test.each([
    ['<b>Ok</b>o<wbr>y<!-- no -->e', 'Okoye'],
    ['Okoye<sup>1</sup> x<sub>2</sub>', 'Okoye\u200b1\u200b x\u200b2\u200b'],
    ['<p style="display:none">hidden</p>seen <i hidden>x</i> <img alt=a> b<img> c', 'hidden\nseen x a b c'],
    ['<style>.a{display:none}</style><p class=a>b</p>c <i class=a>d</i>', 'b\nc d'],
  ])('what stands within words does not divide them: %j', (html, text) => {
    const flags = new Set<ParseFlag>();
    expect(htmlToText(html, flags)).toBe(text);
    expect(flags).toEqual(new Set());
  });

  test.each([
    'Ok<i style="display:none">x</i>oye',
    'Ok<i style="Visibility : hidden"> x</i>oye',
    'Ok<i style="font-size:0px">x</i>oye',
    'Ok<i hidden>x</i>oye',
    '<i style="display:none">xy</i>Okoye',
    'Ok<i style="display:inline-block">oye</i>',
    'Ok<i style="color:/**/red">oye</i>',
    'Ok<img width=0>oye',
    'Ok<img alt=" " width=0>oye',
    '<style>.a{display:none}</style>Ok<i class=a>x</i>oye',
    'Ok<i class=a>x</i>oye<style>.a{display:none}</style>',
    '<bdo dir=rtl>eyokO</bdo>',
    '<!--[if mso]>Ok<i hidden>x</i>oye<![endif]-->',
  ])('a word that a reader may see otherwise is flagged: %j', (html) => {
    const flags = new Set<ParseFlag>();
    htmlToText(html, flags);
    expect(flags).toEqual(new Set(['unreadable-text']));
  });

  test('controls and overrides of direction within words', () => {
    const read = (type: string, text: string) => parseMessage(Buffer.from(`Content-Type: ${type}\n\n${text}`));
    const long = 'long enough that one control is none too many '.repeat(2);
    for (const type of ['text/plain', 'text/html']) {
      expect(read(type, `${long} Ok\0oye`).body).toContain('Okoye');
      expect(read(type, `${long} Ok\x07oye`).body).toContain('Ok\u200boye');
      expect(read(`${type}; charset=utf-8`, '\u202eeyokO').flags).toContain('unreadable-text');
    }
  });

  test('a charset is taken from the text where the header has none', () => {
    const html =
      'Content-Type: text/html\r\n\r\n<meta http-equiv=x content="text/html; charset=koi8-r"><p>\xd0\xd2\xc9';
    expect(parseMessage(Buffer.from(html, 'latin1')).body).toBe('при');
  });
});

describe('the header block', () => {
  test.each([
    ['A: b\r\nC: d\r\n e\r\n\r\nbody', 'A: b\r\nC: d\r\n e\r\n', 'body'],
    ['A: b\n\nbody', 'A: b\n', 'body'],
    ['A: b\r\n', 'A: b\r\n', ''],
    ['A: b', 'A: b', ''],
    ['A: b\r\nno field here\r\n', 'A: b\r\n', 'no field here\r\n'],
    ['no header\r\n', '', 'no header\r\n'],
    ['', '', ''],
  ])('%j is cut where the reader sees its end', (text, header, body) => {
    const bytes = Buffer.from(text, 'latin1');
    const { headerBytes, bodyOffset } = splitHeader(bytes);
    expect(headerBytes.toString('latin1')).toBe(header);
    expect(bytes.subarray(bodyOffset).toString('latin1')).toBe(body);
  });

  test('as text it has LF line ends', () => {
    expect(headerText(Buffer.from('A: é\r\nB: c\r\n d\r\n\r\nbody', 'utf8'))).toBe('A: é\nB: c\n d\n');
  });
});

const original =
  'From: Ann <Ann@Example.org>\r\nTo: bob@example.org\r\nSubject: Plan B\r\nDate: Mon, 14 May 2001 16:39:00 -0700\r\n' +
  'Message-ID: <1@x>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nThe body, in two\r\nlines.\r\n' +
  '--b\r\nContent-Type: text/csv; name=t.csv\r\n\r\na,b\r\n--b--\r\n';

test('the text view names who, when and what, then body and attachments', () => {
  expect(messageText(parseMessage(Buffer.from(original)))).toBe(
    'From: Ann <Ann@Example.org>\nTo: bob@example.org\nSubject: Plan B\nDate: 2001-05-14T23:39:00.000Z\n\n' +
      'The body, in two\nlines.\n\n[Attachment: t.csv, text/csv, 3 bytes]\na,b\n',
  );
});

describe('the fingerprint', () => {
  const of = (text: string): string => fingerprint(parseMessage(Buffer.from(text)));

  test('is the same for copies that differ in transport, wrapping and line ends', () => {
    const copy = original
      .replace('Message-ID: <1@x>', 'Message-ID: <2@y>\r\nReceived: from somewhere')
      .replace('Ann <Ann@Example.org>', 'ann@example.org')
      .replace('16:39:00 -0700', '23:39:00 GMT')
      .replace('in two\r\nlines', 'in two lines')
      .replaceAll('\r\n', '\n');
    expect(of(copy)).toBe(of(original));
    expect(of(original)).toMatch(/^[0-9a-f]{64}$/u);
  });

  test.each([
    ['sender', 'Ann@Example.org', 'eve@example.org'],
    ['date', '16:39:00', '16:39:01'],
    ['subject', 'Plan B', 'Plan C'],
    ['body', 'two', 'three'],
  ])('differs with another %s', (_name, from, to) => {
    expect(of(original.replace(from, to))).not.toBe(of(original));
  });

  test('of a run of marks of 4 MB is computed, and is that of its first thirty (invariant 33)', () => {
    const marks = '\u0323\u0301';
    const body = (count: number): string => `Content-Type: text/plain; charset=utf-8\r\n\r\na${marks.repeat(count)}b`;
    expect(of(body(1_000_000))).toBe(of(body(15)));
  }, 120_000);
});
