import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseMessage } from '../../../services/message/index.ts';
import { SeenText } from '../../../services/message/seen-text.ts';

const head = 'From: ann@x.example\r\nMessage-ID: <1@x.example>\r\nDate: Mon, 14 May 2001 16:39:00 -0700\r\n';

/** What is searched of an alternative with these sides, as words. */
function bodyOf(plain: string, html: string): string {
  const sides = [
    ['plain', plain],
    ['html', html],
  ].map(([type, text]) => `--b\r\nContent-Type: text/${type}; charset=utf-8\r\n\r\n${text}\r\n`);
  const { body } = parseMessage(
    Buffer.from(`${head}Content-Type: multipart/alternative; boundary=b\r\n\r\n${sides.join('')}--b--\r\n`),
  );
  return wordsOf(body).join(' ');
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[a-z0-9]+/gu) ?? [];
}

describe('phrases of the second side of an alternative are found', () => {
  test.each([
    ['across a line that is left out', 'we pay the\n[image]\nblackmail money', 'we pay the|blackmail money'],
    ['across the address of a link', 'aa bb L <http://x.example/>\nR cc dd', 'aa bb <a href=x>L</a>|R cc dd'],
    ['across a new line of one word', 'aa bb cc dd ee ff', 'aa bb cc|new|dd ee ff'],
    ['across lines of which one is new', 'aa\nbb\ncc\ndd\nee', 'aa|bb|new|dd|ee'],
    ['across several breaks', 'aa [1] bb [2] cc [3] dd', 'aa|bb|cc|dd'],
    ['where a side is shorter than a phrase', 'aa bb cc', 'aa cc'],
  ])('%s', (_name, plain, lines) => {
    const html = lines.replaceAll('|', '</p><p>');
    const said = wordsOf(html.replace(/<[^>]*>/gu, ' ')).join(' ');
    expect(bodyOf(plain, `<p>${html}</p>`)).toContain(said);
  });

  test('of so many words as are looked up at once, and no further words are kept', () => {
    const words = Array.from({ length: 400 }, (_, at) => `word${at}`);
    const plain = [...words.slice(0, 200), 'image', ...words.slice(200)].join(' ');
    const found = bodyOf(plain, `<p>${words.slice(0, 200).join(' ')}.</p><p>${words.slice(200).join(' ')}</p>`);
    expect(found).toBe(`${plain} ${words.slice(169, 231).join(' ')}`);
  });

  test('signs that no search takes for a word do not stand between', () => {
    const signs = '★ \u0301 \u200d \u3164 ʼ '.repeat(20);
    expect(bodyOf(`aa ${signs} [x] bb`, `<p>aa ${signs}</p><p>bb</p>`)).toMatch(/aa bb/u);
  });
});

test('what is said again is kept once, wherever it stands', () => {
  const block = Array.from({ length: 50 }, (_, at) => `word${at}`).join(' ');
  expect(bodyOf(`${block}\nend`, `<h1>New:</h1><p>${block}</p>`)).toBe(
    `${block} end new ${block.split(' ').slice(0, 31).join(' ')}`,
  );
  expect(bodyOf(block, `<p>${block}</p>`)).toBe(block);
  expect(bodyOf('hello (all)', '<p>Hello,</p><p>all</p>')).toBe('hello all');
});

test('words that markup may join bring no others with them', () => {
  const block = Array.from({ length: 50 }, (_, at) => `word${at}`).join(' ');
  expect(bodyOf(`${block}\nend`, `<p>${block}</p><p>end</p>`)).toBe(`${block} end word49end`);
});

test('armour that begins the second side is seen', () => {
  const armour = '-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----';
  const sides = `--b\r\n\r\nbegin\r\n--b\r\n\r\n${armour}\r\n--b--\r\n`;
  const message = `${head}Content-Type: multipart/alternative; boundary=b\r\n\r\n${sides}`;
  expect(parseMessage(Buffer.from(message)).flags).toContain('encrypted');
});

describe('any two texts', () => {
  const PHRASE_WORDS = 32;
  const word = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7', 'x8', 'x9');
  const line = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(' '));
  const lines = fc.array(line, { maxLength: 40 });
  const change = fc.record({
    at: fc.nat({ max: 40 }),
    kind: fc.constantFrom('drop', 'insert', 'change', 'repeat', 'move'),
    line,
  });

  interface Change {
    readonly at: number;
    readonly kind: string;
    readonly line: string;
  }

  function changed(before: readonly string[], changes: readonly Change[]): string[] {
    const after = [...before];
    for (const { at, kind, line: text } of changes) {
      const place = at % (after.length + 1);
      const here = after[place] ?? text;
      if (kind === 'drop') after.splice(place, 1);
      else if (kind === 'insert') after.splice(place, 0, text);
      else if (kind === 'change') after.splice(place, 1, text);
      else if (kind === 'repeat') after.splice(place, 0, here);
      else after.push(...after.splice(place, 1));
    }
    return after;
  }

  function missing(text: string, joined: string): string[] {
    const words = wordsOf(text);
    const all = ` ${wordsOf(joined).join(' ')} `;
    const phrases: string[] = [];
    for (let end = 1; end <= words.length; end++)
      phrases.push(words.slice(Math.max(0, end - PHRASE_WORDS), end).join(' '));
    return phrases.filter((phrase) => !all.includes(` ${phrase} `));
  }

  test('say every phrase of theirs when joined', () => {
    fc.assert(
      fc.property(
        lines,
        fc.array(fc.array(change, { maxLength: 6 }), { minLength: 1, maxLength: 3 }),
        (first, sides) => {
          const texts = [first, ...sides.map((changes) => changed(first, changes))].map((side) => side.join('\n'));
          const seen = new SeenText();
          const joined = texts.map((text) => seen.fresh(text)).join('\n');
          for (const text of texts) expect(missing(text, joined)).toEqual([]);
          expect(joined.length).toBeLessThanOrEqual(texts.join('\n').length);
        },
      ),
      { numRuns: 400 },
    );
  });
});
