import { describe, expect, test } from '@jest/globals';
import { parseMessage, type ParsedMessage } from '../../../services/message/index.ts';

const head = 'From: ann@x.example\r\nMessage-ID: <1@x.example>\r\nDate: Mon, 14 May 2001 16:39:00 -0700\r\n';
const inner = [
  'X-Note: sandpiper',
  'Subject: =?utf-8?Q?the_her?= =?utf-8?Q?on?=',
  'Content-Type: text/html',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  '<p>the <b>b</b>itt=65rn</p>',
].join('\r\n');

function textOf(type: string, content: string, isEncoded: boolean): string {
  const { attachments, body } = parsed(type, content, isEncoded);
  return [body, ...attachments.map(({ text }) => text)].join('|');
}

function flagsOf(type: string, content: string, isEncoded: boolean): readonly string[] {
  return parsed(type, content, isEncoded).flags;
}

function parsed(type: string, content: string, isEncoded: boolean): ParsedMessage {
  const encoding = isEncoded ? 'Content-Transfer-Encoding: base64\r\n' : '';
  const sent = isEncoded ? Buffer.from(content).toString('base64') : content;
  const part = `--b\r\nContent-Type: ${type}\r\n${encoding}\r\n${sent}\r\n`;
  return parseMessage(Buffer.from(`${head}Content-Type: multipart/mixed; boundary=b\r\n\r\n${part}--b--\r\n`));
}

describe('a message in a message is read', () => {
  test.each([
    ['message/rfc822', true],
    ['message/news', true],
    ['message/news', false],
    ['message/partial; number=1; total=2; id=x', false],
    ['message/partial; number=1; total=2; id=x', true],
    ['text/plain; name=a.eml', false],
    ['text/plain; name=a.eml', true],
    ['text/html; name=a.mht', true],
    ['application/octet-stream; name=a.mhtml', true],
    ['application/octet-stream; name=a.mime', false],
  ])('%s, encoded: %s', (type, isEncoded) => {
    const text = textOf(type, inner, isEncoded);
    expect(text).toContain('the heron');
    expect(text).toContain('the bittern');
  });

  test.each([
    ['text/rfc822-headers', false],
    ['text/rfc822-headers', true],
  ])('the header of one as well: %s, encoded: %s', (type, isEncoded) => {
    const text = textOf(type, `${inner}\r\nand an egret`, isEncoded);
    expect(text).toContain('the heron');
    expect(text).toContain('sandpiper');
    expect(text).toContain('an egret');
  });

  test.each(['text/plain; name=a.eml', 'message/partial; number=2; total=2; id=x'])(
    'what is none is text: %s',
    (type) => expect(textOf(type, 'no header: the heron\r\n\r\nand an egret', false)).toContain('the heron'),
  );

  test.each(['\u00ef\u00bb\u00bf', '\n'.repeat(21), '\0', '>>From ann\r\n'])(
    'what calls itself text is one behind %j',
    (before) => {
      const secret = `From: q@x\r\nSubject: s\r\nContent-Transfer-Encoding: base64\r\n\r\n${btoa('the hidden heron')}`;
      const part = `--b\r\nContent-Type: text/plain; name=a.eml\r\n\r\n${before}${secret}\r\n--b--\r\n`;
      const raw = Buffer.from(`${head}Content-Type: multipart/mixed; boundary=b\r\n\r\n${part}`, 'latin1');
      const { attachments, flags } = parseMessage(raw);
      const isRead = attachments.some(({ text }) => text.includes('the hidden heron'));
      expect(isRead || flags.includes('unreadable-text') || flags.includes('ambiguous-structure')).toBe(true);
    },
  );

  test('all fields of what calls itself text are text', () => {
    expect(textOf('text/plain; name=a.eml', inner, false)).toContain('sandpiper');
  });

  test('a fragment of a message is flagged: what its octets say is known with the others only', () => {
    const message = `${head}Content-Type: message/partial; number=2; id=x\r\n\r\nSGVyb24=`;
    expect(parseMessage(Buffer.from(message)).flags).toContain('unreadable-text');
  });

  describe.each(['\r\n', '\r\n\r\n', '\r\n'.repeat(20), '\r\nFrom the desk of Zorkmid:\r\n'])('behind %j', (before) => {
    const encoded = `X-Note: sandpiper\r\nSubject: x\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from('the heron').toString('base64')}`;

    test.each([false, true])('encoded: %s', (isEncoded) => {
      const text = textOf('message/rfc822', before + encoded, isEncoded);
      expect(text).toContain('the heron');
      expect(text).toContain('sandpiper');
      expect(text.includes('Zorkmid')).toBe(before.includes('Zorkmid'));
      expect(flagsOf('message/rfc822', before + encoded, isEncoded)).toContain('ambiguous-structure');
    });
  });

  test.each([false, true])('behind lines of an mbox, encoded: %s', (isEncoded) => {
    const text = textOf('message/rfc822', `From now on\r\n>From Zorkmid\r\n${inner}`, isEncoded);
    expect(text).toMatch(/From now on.*Zorkmid.*the heron.*the bittern/su);
    expect(text).not.toContain('<b>');
  });

  test('blank lines and no header are a message without', () => {
    expect(textOf('message/rfc822', '\r\n\r\n', false)).toMatch(/^\|\s*$/u);
    expect(textOf('message/rfc822', '\r\n\r\nthe heron', false)).toContain('the heron');
  });
});
