import type { ParseFlag } from '#kernel';
import { describe, expect, test } from '@jest/globals';
import { htmlToText } from '../../../services/message/html-text.ts';

/** All that is searched of an HTML text: its lines, and those that a reader may see otherwise. */
function linesOf(html: string): { lines: readonly string[]; flags: Set<ParseFlag> } {
  const [flags, further] = [new Set<ParseFlag>(), new Set<string>()];
  const text = htmlToText(html, flags, further);
  return { lines: [...text.split('\n'), ...further], flags };
}

describe('words around what a reader does not see where it stands', () => {
  test.each([
    '<p>blue <a href=x title="bird page">heron</a>',
    '<p>blue <span title="not it"></span>heron',
    'blue <br title=x hidden> heron <i>x</i>'.replace('<br title=x hidden>', '<img title=x>'),
    'blue <img alt="smile"> heron',
    'blue <input type=hidden value=v> heron',
    'blue <span style="display:none">hid</span> heron',
    'blue <span style="display:none">one <i style="font-size:0">two</i> three</span> heron',
    'blue <span hidden>hid</span> heron',
    'blue <span style="mso-hide:all">x</span> heron',
    'blue <div style="display:none">hid<br>den</div> heron',
    '<div>blue <p hidden>hid</p> heron</div>',
    '<style>.h, b{display:none}</style>blue <span class="x H">hid</span> heron',
    '<style>.h, b{display:none}</style>blue <b>hid</b> heron',
    '<style>p #h{color:red;visibility:hidden}</style>blue <i id=h>hid</i> heron',
    '<style>*[class="h"]{display:none}</style>blue <i class=h>hid</i> heron',
    'blue <i class=h>hid</i> heron<style>i.h{display:none!important}</style>',
    'blue <!--[if mso]>mso<![endif]--> heron',
    'blue <template>tp</template> heron',
    'blue <noscript>no</noscript> heron',
    'blue <datalist><option>o</datalist> heron',
    'blue <object>o</object> heron',
    'blue <audio>o</audio> heron',
    'blue <![CDATA[x]]> heron',
    '<div>blue</div><div style="display:none">x</div><div>heron</div>',
    '<p>blue</p><!--[if mso]>x<![endif]--><p>heron</p>',
    '<table><tr><td>blue</td></tr><tr hidden><td>x</td></tr><tr><td>heron</td></tr></table>',
    'blue <span hidden>x</span><br>heron',
    'blue <span popover>x</span> heron',
    'blue <noembed>x</noembed> heron',
    'blue <title>x</title> heron',
    'blue <span style="display:/**/none">x</span> heron',
    'blue <span style="d\\69splay:none">x</span> heron',
    ...[
      'opacity:.0',
      'opacity:-1',
      'opacity:1e-9',
      'font:0/0 a',
      'color:rgba(0,0,0,0)',
      'color:#0000',
      'clip-path:inset(100%)',
      'filter:opacity(0)',
      'zoom:0',
      'transform:scale(0)',
      'position:relative;left:-9999px',
      'display:var(--a)',
    ].map((style) => `blue <span style="${style}">x</span> heron`),
    ...['span:nth-child(1)', 'p>span:first-child', 'span:not(.k)', '[data-k="v"]', '[class^=ju]', 'x-y span'].map(
      (selector) => `<style>${selector}{display:none}</style><p>blue <span class=ju id=v>x</span> heron`,
    ),
    '<style>x-y{display:none}</style>blue <x-y>x</x-y> heron',
    '<p>one</p><p>a blue <b title=t>her</b>on b</p>',
  ])('are neighbours: %j', (html) => {
    const { lines, flags } = linesOf(html);
    expect(lines.some((line) => /blue\s+heron/u.test(line.replaceAll('\u200b', '')))).toBe(true);
    expect(flags).toEqual(new Set());
  });

  test.each(['blue<span hidden> hid </span> heron', 'blue <span style="font-size:0">hid</span>heron'])(
    'or may be, and are flagged: %j',
    (html) => {
      const { lines, flags } = linesOf(html);
      expect(lines).toContain('blue heron');
      expect(flags).toEqual(new Set(['unreadable-text']));
    },
  );

  test.each(['<p>vic<b title="foo">tim</b></p>', 'vic<![CDATA[x]]>tim', 'vic<span hidden>x</span>tim'])(
    'or one word: %j',
    (html) => {
      expect(linesOf(html).lines.map((line) => line.replaceAll('\u200b', ''))).toContain('victim');
    },
  );

  test('what is not seen is searched all the same, and nothing is said twice that is no other line', () => {
    const hidden = linesOf('blue <i hidden>grey</i> heron <img alt="white">');
    expect(hidden.lines).toEqual(['blue grey heron white', 'blue heron']);
    expect(linesOf('<img alt=logo> one two<br><i hidden>x</i>three').lines).toEqual([
      'logo one two',
      'xthree',
      'twoxthree',
      'twothree',
      'three',
      'one two\nthree',
    ]);
    expect(linesOf('one<br>two<br><i hidden>x</i><br>three<br>four<br>five').lines.at(-1)).toBe(
      'one\ntwo\nthree\nfour',
    );
    expect(linesOf('one<br><img alt=x><br>two').lines.some((line) => line.includes('one\ntwo'))).toBe(false);
    expect(linesOf('<a title="t u">one</a>').lines).toEqual(['one', 't u']);
  });

  test('an end tag that a browser ends later, and an unseen element without an end, are flagged', () => {
    for (const html of ['<p>vic</b x=">">tim</p>', `vic<b></b class='a>b'>tim`, 'blue <i hidden>grey heron'])
      expect(linesOf(html).flags).toEqual(new Set(['unreadable-text']));
    for (const html of ['<p>a</p >b', 'a <i hidden>b</i>', '<p>it\'s "so"</p>'])
      expect(linesOf(html).flags).toEqual(new Set());
  });

  test('what a style sheet hides without saying what is flagged, and so are more names than are read', () => {
    const many = Array.from({ length: 10_100 }, (_, place) => `.a${place}{display:none}`).join('');
    for (const sheet of ['p *{display:none}', '[data-k]{display:none}', '.\\78{display:none}', many])
      expect(linesOf(`<style>${sheet}</style>a`).flags).toEqual(new Set(['unreadable-text']));
    for (const sheet of ['p *{color:red}', '*{margin:0}', '@media print{.x{display:none}}', '.a::before{content:""}'])
      expect(linesOf(`<style>${sheet}</style>a`).flags).toEqual(new Set());
  });

  test('very many such lines take no more than is allowed, and are flagged beyond', () => {
    const many = `blue <i hidden>x</i> heron ${'y'.repeat(1000)}<br>`.repeat(2000).replace(/<br>/gu, () => '<br>');
    const numbered = many.split('<br>').map((line, place) => `${place} ${line}`);
    const { lines, flags } = linesOf(numbered.join('<br>'));
    expect(lines.join(' ').length).toBeGreaterThan(2_900_000);
    expect(flags).toEqual(new Set(['unreadable-text']));
  });
});
