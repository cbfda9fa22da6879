import { describe, expect, test } from '@jest/globals';
import { parseMessage } from '../../../services/message/index.ts';

const HEAD = 'From: ann@example.org\r\nMessage-ID: <1@example.org>\r\nDate: Mon, 14 May 2001 16:39:00 -0700\r\n';

function read(text: string) {
  return parseMessage(Buffer.from(text, 'latin1'));
}

describe('the header', () => {
  test('fields are read, folded, decoded and without flags where nothing is wrong', () => {
    const parsed = read(
      `${HEAD}To: "Doe, Jane" <jane@example.org>,\r\n bob@example.org\r\nSubject: =?utf-8?Q?caf=C3=A9?=\r\n and more\r\n` +
        'In-Reply-To: <0@example.org>\r\nReferences: <a@x> <b@x>\r\n\t<c@x>\r\n\r\nbody\r\n',
    );
    expect(parsed.subject).toBe('café and more');
    expect(parsed.from).toEqual([{ name: '', address: 'ann@example.org' }]);
    expect(parsed.to).toEqual([
      { name: 'Doe, Jane', address: 'jane@example.org' },
      { name: '', address: 'bob@example.org' },
    ]);
    expect(parsed.date).toBe(Date.UTC(2001, 4, 14, 23, 39));
    expect(parsed.messageIds).toEqual(['1@example.org']);
    expect(parsed.inReplyTo).toEqual(['0@example.org']);
    expect(parsed.references).toEqual(['a@x', 'b@x', 'c@x']);
    expect(parsed.body).toBe('body\r\n');
    expect(parsed.flags).toEqual([]);
  });

  test.each([
    ['CRLF', '\r\n', false],
    ['LF', '\n', false],
    ['CR', '\r', true],
  ])('lines may end with %s; bare CR is ambiguous', (_name, end, isAmbiguous) => {
    const lines = [
      ...HEAD.trimEnd().split('\r\n'),
      'Subject: folded',
      ' subject',
      'Content-Type: multipart/mixed; boundary=b',
    ];
    const parsed = read([...lines, '', '--b', '', 'one', '--b', '', 'two', '--b--', ''].join(end));
    expect(parsed.subject).toBe('folded subject');
    expect(parsed.body).toBe('one\ntwo');
    expect(parsed.flags.includes('ambiguous-structure')).toBe(isAmbiguous);
  });

  test('mixed line ends are all line ends', () => {
    const parsed = read('Subject: one\nFrom: a@x\r\nTo: b@x\rCc: c@x\n\nbody');
    expect(parsed.subject).toBe('one');
    expect([parsed.from[0]?.address, parsed.to[0]?.address, parsed.cc[0]?.address]).toEqual(['a@x', 'b@x', 'c@x']);
    expect(parsed.body).toBe('body');
    expect(parsed.flags).toContain('ambiguous-structure');
  });

  test.each(['From ann Mon May 14 16:39:00 2001\r\n', '>From ann Mon May 14\r\n', '\uFEFF', '\r\n'])(
    'what stands before it is stepped over: %j',
    (before) => {
      const parsed = parseMessage(Buffer.from(`${before}Subject: found\r\n\r\nbody`, 'utf8'));
      expect(parsed.subject).toBe('found');
      expect(parsed.body).toBe('body');
    },
  );

  test.each(['From : ada@x\r\n', '\r\nFrom  :ada@x\r\n', 'From ann Mon May 14 16:39:00 2001\r\nFrom : ada@x\r\n'])(
    'a From field with white space before its colon is one, and no separator: %j',
    (before) => {
      const parsed = read(`${before}Subject: found\r\n\r\nbody`);
      expect([parsed.from[0]?.address, parsed.subject, parsed.body]).toEqual(['ada@x', 'found', 'body']);
    },
  );

  test('what is stepped over is searched: it may be what somebody wrote', () => {
    const before = 'From the desk of Zorkmid:\r\n>From now on bribes go to Quuxley\r\n';
    const parsed = read(`${before}Subject: found\r\n\r\nbody`);
    expect([parsed.subject, parsed.body]).toEqual(['found', 'body']);
    expect(parsed.notes.join()).toMatch(/desk of Zorkmid.*bribes go to Quuxley/su);
    const inner = Buffer.from(`${before}Subject: inner\r\n\r\nbody`).toString('base64');
    const type = 'Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64';
    const outer = read(`${type}\r\n\r\n${inner}`);
    expect(outer.attachments[0]?.text).toMatch(/desk of Zorkmid.*bribes go to Quuxley.*inner/su);
  });

  test.each(['\n', '\r\n', '\r'])('of two, with lines of an mbox, is flagged: some readers see two (%j)', (end) => {
    const line = 'From ann Mon May 14 16:39:00 2001';
    const flagsOf = (...lines: readonly string[]) =>
      read([...lines, ''].join(end)).flags.includes('ambiguous-structure');
    const message = [...HEAD.trim().split('\r\n'), '', 'body'];
    expect(flagsOf(line, ...message, '', line, ...message)).toBe(true);
    expect(flagsOf(line, 'no header', '', line, ...message)).toBe(true);
    if (end === '\r') return;
    expect(flagsOf(line, ...message)).toBe(false);
    expect(flagsOf(...message, '', line, ...message)).toBe(false);
    // All that an mbox is divided by.
    expect(flagsOf(line, ...message, line, ...message)).toBe(true);
    expect(flagsOf(line, ...message, '', line, '', 'body')).toBe(true);
    expect(flagsOf(line, ...message, '', 'From what I heard', ...message)).toBe(true);
    expect(flagsOf('From -', ...message, 'From -', ...message)).toBe(true);
    expect(flagsOf(`>${line}`, ...message, '', line, ...message)).toBe(true);
    expect(flagsOf(line, ...message, 'From what I heard', ...message)).toBe(false);
    expect(flagsOf(line, ...message, '', 'From what I heard', 'it is')).toBe(false);
  });

  test('a text that begins with "From " is no header', () => {
    const parsed = read('From here on there is no header\r\nat all\r\n');
    expect(parsed.flags).toContain('no-header');
    expect(parsed.body).toContain('From here on');
  });

  test('a line that is no field does not hide the fields behind it, and is searched itself', () => {
    const parsed = read(`${HEAD}Subject: long\r\ncontinued without space\r\nTo: b@x\r\n\r\nbody`);
    expect(parsed.to).toEqual([{ name: '', address: 'b@x' }]);
    expect(parsed.body).toContain('continued without space');
    expect(parsed.body).toContain('body');
    expect(parsed.flags).toContain('ambiguous-structure');
  });

  test('two subjects are both kept, and flagged', () => {
    const parsed = read(`${HEAD}Subject: first\r\nSubject: second\r\n\r\n`);
    expect(parsed.subject).toBe('first second');
    expect(parsed.flags).toContain('ambiguous-structure');
  });

  test('octets above 127 in fields are UTF-8, else the charset of the body, else windows-1252', () => {
    const utf8 = parseMessage(Buffer.from('Subject: café\r\n\r\n', 'utf8'));
    const hinted = parseMessage(
      Buffer.from('Subject: \xd0\xd2\xc9\r\nContent-Type: text/plain; charset=koi8-r\r\n\r\n', 'latin1'),
    );
    const western = read('Subject: caf\xe9\r\n\r\n');
    expect([utf8.subject, hinted.subject, western.subject]).toEqual(['café', 'при', 'café']);
    for (const parsed of [utf8, hinted, western]) expect(parsed.flags).toContain('undeclared-8bit');
  });
});

describe('the structure', () => {
  const mixed = `${HEAD}Content-Type: multipart/mixed; boundary="b"\r\n\r\n`;

  test('preamble and epilogue are searched, boilerplate is not', () => {
    const parsed = read(`${mixed}hidden preamble\r\n--b\r\n\r\nbody\r\n--b--\r\nhidden epilogue`);
    expect(parsed.body).toBe('hidden preamble\nbody\nhidden epilogue');
    for (const usual of [
      'This is a multi-part message in MIME format.',
      'This is a MIME-formatted message.  If you see this text it means that your\r\nE-mail software does not support MIME-formatted messages.\r\n',
      'This is an OpenPGP/MIME signed message (RFC 4880 and 3156)',
    ])
      expect(read(`${mixed}${usual}\r\n--b\r\n\r\nbody\r\n--b--\r\n`).body).toBe('body');
  });

  test.each(['If you are reading this, the heron is gone.', 'This is a multi-part message in MIME format. Heron.'])(
    'what only begins like boilerplate is text: %s',
    (said) => {
      expect(read(`${mixed}${said}\r\n--b\r\n\r\nbody\r\n--b--\r\n`).body).toContain(said);
      expect(read(`${mixed}--b\r\n\r\nbody\r\n--b--\r\n${said}`).body).toContain(said);
      expect(read(said).body).toContain(said);
    },
  );

  test('a message without header keeps every word', () => {
    expect(read('This is a multi-part message in MIME format.').body).toContain('multi-part');
  });

  test('both sides of multipart/alternative are kept where they differ, and once where they repeat', () => {
    const alternative = `${HEAD}Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\none two\r\nthree four five\r\n`;
    const html = '--b\r\nContent-Type: text/html\r\n\r\n';
    const same = read(`${alternative}${html}<p>One <b>two</b> three.</p><p>four, five</p>\r\n--b--\r\n`);
    expect(same.body).toBe('one two\r\nthree four five');
    const other = read(`${alternative}${html}<p>One two three four five.</p><div>only in html</div>\r\n--b--\r\n`);
    expect(other.body).toBe('one two\r\nthree four five\nOne two three four five.\nonly in html');
  });

  // 31 times the first letter and the second make the same number for c0 and an.
  test.each([
    ['words of the same sum', 'please pay bec0 the money', 'please pay bean the money', 'bean'],
    [
      'words that only their marks part',
      'it is in visible to all of us',
      'it is in\u00advisible to all of us',
      'visible',
    ],
    ['letters that are signs to some', 'take 5 g of it now', 'take 5 µg of it now', 'µg'],
    ['words said, but not in this order', 'a b c x b c d x c d e', 'a b c d e', 'a b c d e'],
  ])('a line of the other side is never left out for %s', (_name, plain, html, found) => {
    const part = (type: string, text: string): string =>
      `--b\r\nContent-Type: text/${type}; charset=utf-8\r\n\r\nfirst words here\r\n${text}\r\nlast words here\r\n`;
    const message = `${HEAD}Content-Type: multipart/alternative; boundary=b\r\n\r\n${part('plain', plain)}${part('html', html.replace(/^|$/gu, '<br>'))}--b--\r\n`;
    expect(parseMessage(Buffer.from(message)).body.toLowerCase()).toContain(found);
  });

  test('an alternative with more words than are remembered loses none of them', () => {
    const words = (from: number, count: number): string =>
      Array.from({ length: count }, (_, at) => `word${from + at}${at % 10 === 9 ? '\r\n' : ' '}`).join('');
    const part = (text: string): string => `--b\r\n\r\n${text}\r\n`;
    const sides =
      part(words(0, 250_000)) + part(words(0, 250_000) + words(900_000, 10)) + part('the same '.repeat(200_000));
    const { body } = read(`${HEAD}Content-Type: multipart/alternative; boundary=b\r\n\r\n${sides}--b--\r\n`);
    expect(body).toContain('word900009');
    expect(body.match(/word5 /gu)).toHaveLength(1);
    expect(body.match(/word249995 /gu)).toHaveLength(2);
  });

  test('an attached message gives its subject, addresses and text to the attachment, and its attachments to the family', () => {
    const inner = 'Subject: inner subject\r\nFrom: in@example.org\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n';
    const parts = '--i\r\n\r\ninner text\r\n--i\r\nContent-Type: image/png; name=p.png\r\n\r\nxxxx\r\n--i--\r\n';
    const plain = read(
      `${mixed}--b\r\n\r\nouter\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n${inner}${parts}--b--\r\n`,
    );
    const base64 = Buffer.from(inner + parts).toString('base64');
    const encoding = 'Content-Transfer-Encoding: base64';
    const encoded = read(
      `${mixed}--b\r\n\r\nouter\r\n--b\r\nContent-Type: message/rfc822\r\n${encoding}\r\n\r\n${base64}\r\n--b--\r\n`,
    );
    for (const parsed of [plain, encoded]) {
      expect(parsed.body).toBe('outer');
      expect(parsed.subject).toBe('');
      expect(parsed.attachments.map(({ name, mediaType }) => [name, mediaType])).toEqual([
        ['', 'message/rfc822'],
        ['p.png', 'image/png'],
      ]);
      expect(parsed.attachments[0]?.text).toBe('inner subject\nin@example.org\ninner text');
    }
  });

  test('parts of a digest are messages', () => {
    const parsed = read(
      `${HEAD}Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: s1\r\n\r\nt1\r\n--b\r\n\r\nSubject: s2\r\n\r\nt2\r\n--b--\r\n`,
    );
    expect(parsed.attachments.map(({ text }) => text)).toEqual(['s1\nt1', 's2\nt2']);
  });

  test('a delivery status is an attachment with text', () => {
    const status = 'Final-Recipient: rfc822; gone@example.org\r\nStatus: 5.1.1';
    const parsed = read(`${mixed}--b\r\nContent-Type: message/delivery-status\r\n\r\n${status}\r\n--b--\r\n`);
    expect(parsed.attachments[0]).toMatchObject({ mediaType: 'message/delivery-status', text: status });
  });

  test('a multipart without boundary, or whose delimiters never come, is searched as text', () => {
    const without = read(`${HEAD}Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\nlost words\r\n--x--\r\n`);
    expect(without.body).toContain('lost words');
    expect(without.flags).toEqual(expect.arrayContaining(['ambiguous-structure', 'unterminated-multipart']));
    const wrong = read(`${mixed}--other\r\n\r\nlost words\r\n--other--\r\n`);
    expect(wrong.body).toContain('lost words');
    expect(wrong.flags).toContain('unterminated-multipart');
  });

  test('an inner multipart that is not closed ends with the outer one', () => {
    const inner = '--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\ninner\r\n';
    const parsed = read(`${mixed}${inner}--b\r\n\r\nouter\r\n--b--\r\n`);
    expect(parsed.body).toBe('inner\nouter');
    expect(parsed.flags).toEqual(['unterminated-multipart']);
  });

  test('a boundary that begins like another is not taken for it', () => {
    const inner = '--b\r\nContent-Type: multipart/mixed; boundary=bb\r\n\r\n--bb\r\n\r\ninner\r\n--bb--\r\n';
    const parsed = read(`${mixed}${inner}--b\r\n\r\nouter\r\n--b--\r\n`);
    expect(parsed.body).toBe('inner\nouter');
    expect(parsed.flags).toEqual([]);
  });

  test.each([
    ['two content types', 'Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\nx'],
    ['two encodings', 'Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64\r\n\r\neA=='],
    ['two boundaries', 'Content-Type: multipart/mixed; boundary=a; boundary=b\r\n\r\n--a\r\n\r\nx\r\n--a--'],
    [
      'one boundary twice',
      'Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a--',
    ],
    [
      'a delimiter with something behind it',
      'Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\nx\r\n--a!\r\n--a--',
    ],
    [
      'a part behind the end',
      'Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\nx\r\n--a--\r\n--a\r\n\r\ny\r\n--a--',
    ],
    ['base64 with junk', 'Content-Transfer-Encoding: base64\r\n\r\nYWJj!YWJj'],
    ['base64 behind padding', 'Content-Transfer-Encoding: base64\r\n\r\nYQ==Yg=='],
    ['an encoding with a comment', 'Content-Transfer-Encoding: base64 (really)\r\n\r\nYQ=='],
    [
      'an encoded multipart',
      'Content-Type: multipart/mixed; boundary=a\r\nContent-Transfer-Encoding: base64\r\n\r\n--a\r\n\r\nx\r\n--a--',
    ],
    ['a space before the colon', 'Content-Type : text/html\r\n\r\n<p>x</p>'],
  ])('two readers could disagree: %s', (_name, rest) => {
    expect(read(`${HEAD}${rest}\r\n`).flags).toContain('ambiguous-structure');
  });

  test('what is encrypted is flagged, what is only signed is not', () => {
    const pgp = read(`${HEAD}Content-Type: multipart/encrypted; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n`);
    const inline = read(`${HEAD}\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nxyz\r\n`);
    const smime = read(
      `${HEAD}Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n\r\nMIIB\r\n`,
    );
    const signed = read(
      `${HEAD}Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n\r\nMIIB\r\n`,
    );
    expect([pgp, inline, smime, signed].map(({ flags }) => flags.includes('encrypted'))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});

describe('attachments', () => {
  function attached(fields: string, content: string) {
    const parts = `--b\r\n\r\nbody\r\n--b\r\n${fields}\r\n\r\n${content}\r\n--b--\r\n`;
    return read(`${HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n${parts}`).attachments[0];
  }

  test('name, type, decoded size and text of a text file', () => {
    const content = Buffer.from('a,b\r\n1,2\r\n').toString('base64');
    const fields =
      'Content-Type: Text/CSV; name="t.csv"\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64';
    expect(attached(fields, content)).toEqual({
      name: 't.csv',
      mediaType: 'text/csv',
      size: 10,
      text: 'a,b\r\n1,2\r\n',
    });
  });

  test.each(['application/json', 'application/xml', 'text/calendar', 'text/vcard', 'application/atom+xml'])(
    '%s is read as text',
    (mediaType) => {
      expect(attached(`Content-Type: ${mediaType}`, 'words inside')?.text).toBe('words inside');
    },
  );

  test('octets without a type are text where the name says so', () => {
    expect(attached('Content-Type: application/octet-stream; name=notes.txt', 'words')?.text).toBe('words');
    expect(attached('Content-Type: application/octet-stream; name=notes.bin', 'words')?.text).toBe('');
  });

  test.each([0, 1, 2, 57, 58, 59, 1000, 12_345])('the size of %d encoded octets is known without decoding', (size) => {
    const base64 = Buffer.alloc(size, 7).toString('base64').replaceAll(/.{76}/gu, '$&\r\n').trimEnd();
    const fields = 'Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64';
    expect(attached(fields, base64)?.size).toBe(size);
  });

  test('a uuencoded file in a text is an attachment, and the text stays; a small one stays in it', () => {
    const file = 'begin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\n';
    const parsed = read(`${HEAD}\r\nbefore\r\n${file}after\r\n`);
    expect(parsed.attachments).toEqual([
      { name: 'cat.txt', mediaType: 'application/octet-stream', size: 3, text: 'Cat' },
    ]);
    expect(parsed.body).toBe(`before\r\n${file}after\r\n`);
  });

  test('a sentence that begins with "begin 644" is a sentence', () => {
    const parsed = read(`${HEAD}\r\nbegin 644 is how it starts\r\nbut it goes on\r\n`);
    expect(parsed.body).toContain('begin 644 is how it starts');
    expect(parsed.attachments).toEqual([]);
  });
});
