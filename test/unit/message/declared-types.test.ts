import { describe, expect, test } from '@jest/globals';
import { parseMessage } from '../../../services/message/index.ts';

const head = 'From: ann@x.example\r\nMessage-ID: <1@x.example>\r\nDate: Mon, 14 May 2001 16:39:00 -0700\r\n';
const base64 = Buffer.from('the heron is here').toString('base64');

function read(type: string, content: string) {
  return parseMessage(Buffer.from(`${head}Content-Type: ${type}\r\n\r\n${content}`));
}

const part = (boundary: string) =>
  `--${boundary}\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64}\r\n--${boundary}--\r\n`;

describe('a Content-Type', () => {
  test.each([
    '(x) multipart/mixed; boundary=b',
    '(x; (y\\)) "z") multipart/mixed; boundary=b',
    'multipart(x)/mixed; boundary=b',
    'multipart/(x)mixed (y); boundary=b',
    'multipart\t/mixed; boundary=b',
    'multipart/ mixed ;boundary=b',
  ])('may have comments and space: %s', (type) => {
    expect(read(type, part('b'))).toMatchObject({ body: 'the heron is here', flags: [] });
  });

  test.each([
    '"multipart/mixed"; boundary=b',
    'multipart/mixed boundary=b',
    'multipart/mixed, boundary=b',
    'multipart; boundary=b',
    'mixed; boundary=b',
    'multipart//mixed; boundary=b',
  ])('that is none is read as a multipart where it has a boundary, and flagged: %s', (type) => {
    const { body, flags } = read(type, part('b'));
    expect(body).toBe('the heron is here');
    expect(flags).toContain('ambiguous-structure');
  });

  test.each(['text/html, charset=utf-8', 'text/html charset=utf-8', "'text/html'", 'html', 'text html', 'text/html/x'])(
    'that is none is read as HTML where it says so, and flagged: %s',
    (type) => {
      const { body, flags } = read(type, 'the h&#101;ron');
      expect(body).toBe('the heron');
      expect(flags).toContain('ambiguous-structure');
    },
  );

  test.each(['(c) text/html', 'text(c)/html', 'text/ html', 'text\t/html', 'text/x-amp-html', 'text/html5'])(
    'of HTML is read as HTML: %s',
    (type) => {
      const { attachments, body } = read(type, 'the h&#101;ron');
      expect([body, ...attachments.map(({ text }) => text)]).toContain('the heron');
    },
  );

  test('that is missing, or `text`, is plain text and not flagged', () => {
    for (const type of ['', 'text', 'text; charset=us-ascii'])
      expect(read(type, 'the <heron>')).toMatchObject({ body: 'the <heron>', flags: [] });
  });

  test.each(['message/x-rfc822', 'message/rfc2822', 'message/x-news'])('of a message is read as one: %s', (type) => {
    const { attachments } = read(type, `Subject: egret\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64}`);
    expect(attachments[0]?.text).toMatch(/^egret\nthe heron/u);
  });
});

describe('a boundary', () => {
  test('is taken as it is written', () => {
    const boundary = '=?utf-8?q?b?=';
    const { body, flags } = read(`multipart/mixed; boundary="${boundary}"`, `--b\r\n\r\n--b--\r\n${part(boundary)}`);
    expect(body).toContain('the heron');
    expect(flags).toEqual([]);
  });

  test.each([["boundary=a; boundary*=''b"], ["boundary*=''a"], ['boundary*=%61'], ['boundary=b; boundary*0=a']])(
    'that readers may take for another is flagged: %s',
    (parameters) => expect(read(`multipart/mixed; ${parameters}`, part('a')).flags).toContain('ambiguous-structure'),
  );

  test('may come in pieces', () => {
    const { body, flags } = read('multipart/mixed; boundary*0=a; boundary*1="b"', part('ab'));
    expect(body).toBe('the heron is here');
    expect(flags).toEqual([]);
  });
});

describe('a type and a name that disagree', () => {
  test.each([
    ['html', '<!-- the heron --> h&#101;re', ['the heron', 'here']],
    ['htm', 'a <b the heron is here> egret', ['the heron', 'a egret']],
    ['ics', 'there is\r\n heron and so on', ['is\r\n heron', 'isheron']],
    ['json', '"the \\negret"', ['\\negret', '\negret']],
    ['xml', '<a>h&#101;ron</a>', ['h&#101;ron', 'heron']],
  ])('are read both ways: text/plain, .%s', (extension, content, found) => {
    for (const disposition of ['inline', 'attachment']) {
      const type = `text/plain; name="a.${extension}"\r\nContent-Disposition: ${disposition}`;
      const { attachments, body } = read(type, content);
      for (const words of found) expect(body + (attachments[0]?.text ?? '')).toContain(words);
    }
  });

  test('that agree are read once', () => {
    expect(read('text/html; name=a.html', '<p>heron').body).toBe('heron');
    expect(read('text/plain; name=a.html', 'heron').body).toBe('heron');
    expect(read('application/octet-stream; name=a.html', '<p>heron').attachments[0]?.text).toBe('heron');
  });
});

describe('the name of a file', () => {
  const shown = (fields: string) => {
    const parts = `--b\r\n\r\nbody\r\n--b\r\n${fields}\r\n\r\nthe heron\r\n--b--\r\n`;
    return read('multipart/mixed; boundary=b', parts);
  };

  test.each([
    'Content-Disposition: filename=secretplan.pdf',
    'Content-Type: application/pdf\r\nContent-Disposition: FileName = "secretplan.pdf"; size=3',
    "Content-Disposition: filename*=utf-8''secretplan%2Epdf",
    'Content-Disposition: ; filename=secretplan.pdf',
    'Content-Disposition: attachment filename=secretplan.pdf',
    'Content-Disposition: attachment, filename=secretplan.pdf',
    'Content-Disposition: attachment; size=3 filename=secretplan.pdf',
    'Content-Disposition: attachment; size="3" filename="secretplan.pdf"',
    'Content-Type: name=secretplan.pdf',
    'Content-Type: ; name=secretplan.pdf',
    'Content-Type: application/pdf name=secretplan.pdf',
    'Content-Type: application/pdf; x-a=b name=secretplan.pdf',
  ])('is found where no type or no semicolon stands before it, and flagged: %s', (fields) => {
    const { attachments, flags } = shown(fields);
    expect(attachments.map(({ name }) => name)).toEqual(['secretplan.pdf']);
    expect(flags).toContain('ambiguous-structure');
  });

  test.each(['filename: x.pdf', 'filename x.pdf', '"filename"=x.pdf', '=x.pdf'])(
    'that may be one is flagged: %s',
    (parameter) =>
      expect(shown(`Content-Disposition: attachment; ${parameter}`).flags).toContain('ambiguous-structure'),
  );

  test.each([
    'attachment; filename=a b; size=3',
    'attachment; filename=one name=two.pdf',
    'attachment; filename="a; name=b"',
    'attachment;',
    'inline; (comment) size=3',
  ])('that is just as it should be, or often is, is not: %s', (disposition) =>
    expect(shown(`Content-Disposition: ${disposition}`).flags).toEqual([]),
  );

  test.each(['name=secretplan.pdf', '; name=secretplan.pdf', 'charset=utf-8'])(
    'without a type says nothing of the text: %s',
    (type) => expect(read(type, 'the h\u00e9ron')).toMatchObject({ body: 'the h\u00e9ron' }),
  );
});
