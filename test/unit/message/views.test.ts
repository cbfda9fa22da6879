import type { ParseFlag } from '#kernel';
import { describe, expect, test } from '@jest/globals';
import { htmlToText } from '../../../services/message/html-text.ts';
import { headerText, messageText, parseMessage, splitHeader } from '../../../services/message/index.ts';

describe('HTML', () => {
  test.each([
    ['<p>one</p><p>two <b>bold</b>ly</p>', 'one\ntwo boldly'],
    ['a<br>b<hr/>c', 'a\nb\nc'],
    ['a &amp; b &eacute; &#233; &#x4e2d; &nosuch; 1 < 2', 'a & b é é 中 &nosuch; 1 < 2'],
    ['<td>a</td><td>b</td>', 'a b'],
    ['<img alt="a picture" src=x><a title=\'a &lt; title\'>link</a>', 'a picture link\na < title'],
    ['<style>p { color: red }</style><script>var x = "<p>no</p>"</script>seen', 'seen'],
    ['<div style="display:none">hidden words</div>', 'hidden words'],
    ['<!-- a comment -->seen<!-- no -->', 'seen'],
    ['seen<!--[if mso]><p>by&nbsp;one</p><p>program</p><![endif]-->more', 'seen\nby one\nprogram\nmore'],
    ['a<!--[if gte mso 9]><b>b<!--[if mso]>c<![endif]-->d', 'a\nb[if mso]>c\nd'],
    ['a<!--[if !mso]><!--> b <!--<![endif]-->c', 'a\nb c'],
    ['a<!--[if mso]>never closed', 'a[if mso]>never closed'],
    ['<span style="display:block">a</span>b', 'a\nb'],
    ['a<a style="color: red; DISPLAY : inline-flex">b<a>c</a>d</a>e', 'a\nb\u200bc\u200bd\ne'],
    ['a<b style="display:/**/grid">b</b>c', 'a\nb\nc'],
    ['a<b style="display:inline">b</b>c<b style="display: none">d</b>e', 'abcde'],
    [`a<i style="${' '.repeat(30_000)}">b</i>c`, 'a\nb\nc'],
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
    ['Okoye<sup>1</sup> x<sub>2</sub>', 'Okoye\u200b1 x\u200b2'],
    ['Okoye<span style="vertical-align: super">1</span>', 'Okoye\u200b1'],
    ['Okoye<a>Heron</a>Egret <a>gull</a> <label>Tern</label>Ruff', 'Okoye\u200bHeron\u200bEgret gull Tern\u200bRuff'],
    ['<ruby>東<rp>(</rp><rt>とう</rt><rp>)</rp>京<rt>きょう</rt></ruby>駅', '東京駅\n(とう)きょう'],
    ['<p><ruby>a<rt>b</p>c', 'a\nc\nb'],
    ['<select><optgroup label=a><option label=b>c</select>', 'a\nb c'],
    ['<iframe srcdoc="<p>a<p>b &lt;iframe srcdoc=&quot;c d&quot;>">e</iframe>', 'a\nb c d\ne'],
    ['<p style="unicode-bidi:embed;margin:9px">a</p><a style="padding:0">b</a>', 'a\nb'],
    ['<i style="font-size:1px">a</i> <i style="margin:1em">b</i> <div style="display:inline">c</div>', 'a b\nc'],
    ['a<i style="font:bold 11px/1.2 a">b</i><i style="font-size:1.5em;margin:0">c</i>', 'abc'],
    ['<style>q:before{content:"\\201c"}a:after{content:""}</style>a', 'a'],
    ['<li style="display:inline">a</li> <li style="display:inline">b</li>', 'a\nb'],
    ['a<br><div style="display:inline">b</div>', 'a\nb'],
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
    '<iframe srcdoc="Ok<i hidden>x</i>oye"></iframe>',
    '<p style="unicode-bidi:bidi-override; direction:rtl">eyokO</p>',
    '<style>p{unicode-bidi : isolate-override}</style><p>eyokO',
    '<style>p:before{content:"Okoye"}</style><p>a',
    "<style>p:before{color:red;content/**/:'' '\\4fkoye'}</style><p>a",
    'Ok<i style="margin-left:3em">oye</i>',
    'Ok<i style="padding:0 1em">oye</i>',
    '<i style="float:right">oye</i>Ok',
    'Ok<i style="position:relative;left:90px">oye</i>',
    'Ok<div style="display:inline">oye</div>',
    '<div style="display:inline">Ok</div>oye',
    '<li style="display:inline">Ok</li><li style="display:inline">oye</li>',
    'Ok<div style="display:inline-block">oye</div>',
    'Ok<i style="font-size:1px">x</i>oye',
    'Ok<i style="font-size:.1em">x</i>oye',
    'Ok<i style="font: italic 1px serif">x</i>oye',
  ])('a word that a reader may see otherwise is flagged: %j', (html) => {
    const flags = new Set<ParseFlag>();
    htmlToText(html, flags);
    expect(flags).toEqual(new Set(['unreadable-text']));
  });

  test.each([
    '<img src="data:image/png;base64,iVBORw0KGgo=">',
    '<img src=" D&#65;TA:image/png;base64,iVBORw0KGgo=">',
    '<object data="data:application/pdf;base64,JVBERi0="></object>',
    '<table background="data:image/png;base64,iVBORw0KGgo=">',
    '<p style="background:url( \'data:image/png;base64,iVBORw0KGgo=\')">',
    '<style>p{background:url(data:image/png;base64,iVBORw0KGgo=)}</style>',
    '<!--[if mso]><img src="data:image/png;base64,iVBORw0KGgo="><![endif]-->',
    '<svg><path d="M0 0"/></svg>',
  ])('a picture within is one that nobody read: %j', (html) => {
    const flags = new Set<ParseFlag>();
    htmlToText(html, flags);
    expect(flags).toEqual(new Set(['embedded-file']));
  });

  test.each(['<img src="cid:a"><a href="x?data:y">b</a>', '<img alt="data:a">', '<p style="background:url(a)">'])(
    'other addresses are none: %j',
    (html) => {
      const flags = new Set<ParseFlag>();
      htmlToText(html, flags);
      expect(flags).toEqual(new Set());
    },
  );

  test('controls and overrides of direction within words', () => {
    const read = (type: string, text: string) => parseMessage(Buffer.from(`Content-Type: ${type}\n\n${text}`));
    const long = 'long enough that one control is none too many '.repeat(2);
    for (const type of ['text/plain', 'text/html']) {
      expect(read(type, `${long} Ok\0oye`).body).toContain('Okoye');
      for (const control of ['\x07', '\x01\x02', '\x1b', '\x7f', '\x1b[1m', '\x1b[0;31m', '\x1b(B'])
        expect(read(type, `${long} Ok${control}oye`).body).toContain('Ok\u200boye');
      for (const control of ['\x81', '\x9b1m'])
        expect(read(`${type}; charset=utf-8`, `${long} Ok${control}oye`).body).toContain('Ok\u200boye');
      for (const reference of ['&#0;', '&#1;', '&#x1f;', '&#127;', '&#129;'])
        expect(read('text/html', `${long} Ok${reference}oye`).body).toContain('Ok\u200boye');
      expect(read('application/json; name=a.json', `${long} Ok\\u0001oye`).attachments[0]?.text).toContain(
        'Ok\u200boye',
      );
      expect(read(type, `${long} \x1b[1mOkoye`).body).toMatch(/[^m]Okoye/u);
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
