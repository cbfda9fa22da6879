import type { ParseFlag } from '#kernel';
import { describe, expect, test } from '@jest/globals';
import { htmlToText } from '../../../services/message/html-text.ts';
import { parseMessage } from '../../../services/message/index.ts';

function read(html: string) {
  const flags = new Set<ParseFlag>();
  const further = new Set<string>();
  const text = htmlToText(html, flags, further);
  return { text, further: [...further], flags: [...flags] };
}

describe('words that a reader may see in HTML', () => {
  test.each([
    '<td>Ok</td><td>oye</td>',
    '<div style="display:flex"><div>Ok</div><div>oye</div></div>',
    '<span style="display:table-cell">Ok</span><span style="display:table-cell">oye</span>',
    '<div style="float:left">Ok</div><div style="float:left">oye</div>',
    '<tr><td>Ok</td>\n <td>oye</td></tr>',
    'Ok<br hidden>oye',
    'Ok</div>oye',
    'Ok</td>oye',
    'Ok<body>oye',
    'Ok<tr>oye',
    'Ok<noscript>oye</noscript>',
    'Ok&shy;</p><p>oye',
    'Ok<select hidden></select>oye',
  ])('go on where markup without white space parts them: %j', (html) => {
    expect(read(html)).toMatchObject({ further: [expect.stringMatching(/^Ok\u00ad?oye$/u)], flags: [] });
  });

  test.each([
    'Ok<div style="display:none">x</div>oye',
    'Ok<p hidden>x y</p>oye',
    'Ok<p style="zoom:0">x y</p>oye',
    'Ok<template>x</template>oye',
    'Ok<dialog>x y</dialog>oye',
    'Ok<title>x</title>oye',
    'Ok<noscript>x</noscript>oye',
    'Ok<noframes>x</noframes>oye',
    'Ok<i style="clip-path:inset(100%)">x</i>oye',
    'Ok<i style="zoom:0">x y</i>oye',
    'Ok<i style="word-spacing:-1em"> </i>oye',
    'Ok<i style="font-size:calc(0px)">x</i>oye',
    'Ok<font color=#ffffff>x</font>oye',
    'Ok<b>x</b>oye<style>b{font-size:calc(0px)}</style>',
    '<i style="color:#fff">xy</i>Okoye',
    'Okoye<i style="color:#fff">xy</i>',
    'O<i style="color:#fff">x</i>koy<i style="color:#fff">y</i>e',
    'Ok<div><div><i style="width:0">x</i></div><p hidden>y z</p></div>oye',
    '<style>.a{display:none}</style>Ok<div class=a>x</div>oye',
    'Ok<div class=a>x</div>oye<style>.a{zoom:0}</style>',
    '<style>p{display:none}</style>Ok<p>x</p>oye',
    '<!--[if mso]>Ok<font size=1>x</font>oye<![endif]-->',
  ])('go on where they contain what may be hidden: %j', (html) => {
    const { further, flags } = read(html);
    expect(further).toContain('Okoye');
    expect(flags).toEqual([]);
  });

  test.each(['Ok<font size=1> </font>oye', 'Ok<p>\n</p>oye', 'Ok, </p><p>oye', 'Ok.</p><p>oye', 'Ok <b>oye</b>'])(
    'are those written where nothing else can be seen: %j',
    (html) => {
      const { further } = read(html);
      for (const word of further) expect(['Ok', 'oye', 'Okoye']).toContain(word);
    },
  );

  test('are all that several parts may make, and no part that stands there', () => {
    const { further } = read('<td>a</td><td>b</td><td>c</td><td>d e</td>');
    expect(further).toEqual(['ab', 'abc', 'bc', 'abcd', 'bcd', 'cd']);
  });

  test('are flagged where they would be too many', () => {
    expect(read('<td>a</td>'.repeat(15)).flags).toEqual([]);
    expect(read('<td>a</td>'.repeat(20)).flags).toEqual(['unreadable-text']);
    expect(read('<td>annual</td>'.repeat(200)).flags).toEqual([]);
    expect(read('Ok<p>x</p>oye<style>p{display:none}</style>').flags).toEqual(['unreadable-text']);
    expect(read('<td>annual</td>\n'.repeat(200)).flags).toEqual([]);
    expect(read('a<b>b</b>'.repeat(6)).flags).toEqual(['unreadable-text']);
  });

  test('stand behind the text, each by itself', () => {
    const { body, flags } = parseMessage(Buffer.from('Content-Type: text/html\n\n<td>Ok</td><td>oye</td> x'));
    expect(body).toBe('Ok oye x\n≈ Okoye');
    expect(flags).not.toContain('unreadable-text');
  });

  test('cost no more than the text, whatever it is', () => {
    const start = performance.now();
    for (const piece of ['a<b>', 'a<b>b</b>', 'a<p>', `${'a'.repeat(300)}</p></p></p>`, '<p hidden>a', 'a</b>'])
      read(piece.repeat(200_000 / piece.length));
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

describe('what is no markup in HTML', () => {
  test.each([
    '<math><style>Ok<!-- x -->oye</style></math>',
    '<svg><style>p<p>Ok&#111;ye</p></style></svg>',
    '<math><mtext><script>Okoye</script>',
    '<select><style></select>Okoye</style>',
    '<noscript><style></noscript>Okoye</style>',
    '<noscript>a</noscript><style>a</noscript>Okoye',
    '<svg><title>Ok<!-- x -->oye</title></svg>',
    '<math><xmp>Ok&#111;ye</xmp></math>',
    '<textarea>Ok<b>oye</b></textarea>',
    '<noembed>Ok<b>oye</b></noembed>',
    '<plaintext>Ok<!-- x -->oye',
    '<![CDATA[x>Ok<!-- x -->oye]]>',
    '<img alt="x" "=">Okoye<b y=">">',
    `<a/"='></a>Okoye<b '>`,
  ])('is read as markup as well where a reader may take it for such: %j', (html) => {
    expect(read(html).text).toContain('Okoye');
  });

  test.each([
    '<style>p{color:red}</style><script>if (a < b) c()</script>x',
    '<title>x</title>',
    '<textarea>x</textarea>',
    '<title>x &amp; y</title>',
  ])('is read once elsewhere: %j', (html) => {
    expect(read(html).text).toMatch(/^x(?: & y)?$/u);
  });

  test('is flagged where it stands in what was no markup', () => {
    expect(read('<math><style><math><style>Ok<!-- x -->oye').flags).toEqual(['unreadable-text']);
    expect(read('<iframe srcdoc="<iframe srcdoc=\'Ok<b>o</b>ye\'>">').flags).toEqual(['unreadable-text']);
  });
});

describe('words that a style says', () => {
  test.each([
    '<li style="list-style-type:\'Okoye \'">x</li>',
    "<q style=\"quotes:'Okoye ' ''\">x</q>",
    '<style>p::after{c\\6fntent:"Okoye"}</style><p>a',
    '<style>p{--x:"Okoye"}p::after{content:var(--x)}</style><p>a',
    '<style>p{--x:attr(title)}p::after{content:var(--x)}</style><p title=Okoye>a',
    '<style>li{list-style:"Okoye"}</style><li>a',
    '<style>@counter-style z{system:cyclic;symbols:Okoye}li{list-style:z}</style>',
    '<style>p:after{content:"/*" "\\"" "Okoye" "*/"}</style><p>a',
    '<style>/* " */p:after{content:"Okoye"}</style><p>a',
    '<style>@import "data:text/css,a"</style>',
    '<p style="unicode-bidi:bidi\\-override">a',
  ])('are flagged: %j', (html) => {
    expect(read(html).flags).toContain('unreadable-text');
  });

  test.each([
    "<p style=\"font-family:'Times New Roman',serif;font:12px 'Arial'\">a",
    '<style>@charset "utf-8";@font-face{font-family:"A b";src:local("A b"),url("a.ttf") format("truetype")}</style>a',
    '<style>@list l0{mso-level-text:"%1a";}p[class="a"]{color:red}/* "b" */</style>a',
    '<p style="background:url(\'a.png\')">a',
    '<style>q:before{content:"\\201c"}</style>a',
  ])('are no names of fonts, files and elements: %j', (html) => {
    expect(read(html)).toEqual({ text: 'a', further: [], flags: [] });
  });
});

describe('another order', () => {
  test.each([
    '<p style="transform:scaleX(-1)">eyokO</p>',
    '<div style="display:flex;flex-direction:row-reverse"><b>oye</b><b>Ok</b></div>',
    '<div style="display:inline-flex"><b style="order:2">oye</b><b style="order:1">Ok</b></div>',
    '<table dir=rtl><td>oye</td> <td>Ok</td></table>',
    '<div style="float:right">oye</div><div style="float:right">Ok</div>',
    '<style>p{dir\\65 ction:rtl}</style><td>oye</td><td>Ok</td>',
  ])('is flagged where words may go on: %j', (html) => {
    expect(read(html).flags).toEqual(['unreadable-text']);
  });

  test.each(['<p dir=rtl>of words</p>', '<p style="float:right">of one</p>', '<p dir=ltr>a</p><p>b</p>'])(
    'is none: %j',
    (html) => expect(read(html).flags).toEqual([]),
  );
});
