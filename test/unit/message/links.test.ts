import { describe, expect, test } from '@jest/globals';
import { parseMessage } from '#message';

function linksOf(html: string): readonly string[] {
  return parseMessage(Buffer.from(`Content-Type: text/html\n\n${html}`)).links;
}

describe('the addresses of an HTML text', () => {
  test.each([
    ['<a href=" http://a.example/\n x ">a</a>', ['http://a.example/ x']],
    ['<img src=//a.example/p.gif><img srcset="b.png 1x, c.png 2x">', ['//a.example/p.gif', 'b.png 1x, c.png 2x']],
    ['<form action=/send><button formaction="/other">x</button></form>', ['/send', '/other']],
    ['<a href="mailto:ada@north.example?subject=x&amp;y">a</a>', ['mailto:ada@north.example?subject=x&y']],
    ['<a href=x>1</a><a href=x>2</a>', ['x']],
    ['<a href="#here">a</a><img src="cid:1"><img src="data:image/png;base64,AAAA">', []],
    [`<p style="background:url('http://a.example/p')">`, ['http://a.example/p']],
    ['<style>@import "http://a.example/s"; p{background:url(b.gif)}</style>', ['http://a.example/s', 'b.gif']],
    ['<meta http-equiv=refresh content="0; url=http://a.example/x">', ['http://a.example/x']],
    ['<!--[if mso]><v:fill src="http://a.example/v"/><![endif]-->', ['http://a.example/v']],
    ['<iframe srcdoc="<a href=inner>x</a>"></iframe>', ['inner']],
    ['<p title="http://a.example">http://b.example</p>', []],
  ])('%s', (html, links) => {
    expect(linksOf(html)).toEqual(links);
  });

  test('are bounded: what is too long or too much is cut, and flagged', () => {
    const long = parseMessage(Buffer.from(`Content-Type: text/html\n\n<a href="${'x'.repeat(10_000)}">a</a>`));
    expect([long.links[0]?.length, long.flags.includes('text-truncated')]).toEqual([8192, true]);
    const many = Array.from({ length: 2000 }, (_, place) => `<a href="${place}${'y'.repeat(1000)}">`).join('');
    const cut = parseMessage(Buffer.from(`Content-Type: text/html\n\n${many}`));
    expect([cut.links.length, cut.flags.includes('text-truncated')]).toEqual([1045, true]);
  });

  test('are those of attached HTML as well, and every field of the header is there by its name', () => {
    const head = 'X-A: =?utf-8?q?Z=C3=BC?=\nX-A: two\n folded\nSubject: s\nX-Empty:\nMIME-Version: 1.0\n';
    const part = '--b\nContent-Type: text/html\nContent-Disposition: attachment\n\n<a href=here>x</a>\n--b--\n';
    const parsed = parseMessage(Buffer.from(`${head}Content-Type: multipart/mixed; boundary=b\n\n${part}`));
    expect(parsed.links).toEqual(['here']);
    expect(parsed.fields.filter(({ name }) => name !== 'content-type')).toEqual([
      { name: 'x-a', text: 'Zü' },
      { name: 'x-a', text: 'two folded' },
      { name: 'x-empty', text: '' },
    ]);
  });
});
