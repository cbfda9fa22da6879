import { readFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { defaultParseBudget, parseMessage } from '../../../services/message/index.ts';
import * as hostile from '../../hostile-mail.ts';

/** Everything a result holds, in UTF-16 units and attachments: the memory that outlives the parse. */
function heldBy(parsed: ReturnType<typeof parseMessage>): number {
  return parsed.body.length + parsed.attachments.reduce((sum, { text, name }) => sum + text.length + name.length, 0);
}

describe('invariant 33: a hostile message costs its budget, no more', () => {
  test.each([100_000, 1_000_000])('%d parts: those beyond the budget are raw text, and found', (count) => {
    const parsed = parseMessage(hostile.manyParts(count));
    expect(parsed.flags).toEqual(['parts-truncated']);
    expect(parsed.body).toContain('lastpart');
    expect(heldBy(parsed)).toBeLessThanOrEqual(defaultParseBudget.textLength + defaultParseBudget.parts);
  });

  test.each([10_000, 100_000])('multiparts nested %d deep: what is too deep is raw text, and found', (depth) => {
    const parsed = parseMessage(hostile.nestedMultiparts(depth));
    expect(parsed.flags).toEqual(['depth-truncated']);
    expect(parsed.body).toContain('innermost');
  });

  test('messages attached to each other 10,000 deep', () => {
    const parsed = parseMessage(hostile.nestedMessages(10_000));
    expect(parsed.flags).toEqual(['depth-truncated']);
    expect(parsed.attachments).toHaveLength(defaultParseBudget.depth);
    expect(parsed.attachments.at(-1)?.text).toContain('innermost');
  });

  test('messages encoded inside each other are decoded level by level', () => {
    const parsed = parseMessage(hostile.nestedEncodedMessages(30));
    expect(parsed.attachments).toHaveLength(30);
    expect(parsed.attachments.at(-1)?.text).toBe('innermost\ninnermost\r\n');
  });

  test('messages quoted inside each other are decoded only until twice the budget has been', () => {
    const parsed = parseMessage(hostile.nestedQuotedMessages(90, 1_000_000), { messageBytes: 4_000_000 });
    expect(parsed.flags).toContain('depth-truncated');
    expect(parsed.attachments.length).toBeLessThan(10);
    expect(parsed.attachments.at(-1)?.text).toContain('innermost');
  });

  test.each([true, false])('a field of 20 MB (folded: %p)', (folded) => {
    const parsed = parseMessage(hostile.longField(20_000_000, folded));
    expect(parsed.flags).toEqual(['header-truncated']);
    expect(parsed.body).toBe('bodyword\r\n');
  });

  test('300,000 fields', () => {
    const parsed = parseMessage(hostile.manyFields(300_000));
    expect(parsed.flags).toEqual(['header-truncated']);
    expect(parsed.body).toBe('bodyword\r\n');
  });

  test('a line of 20 MB is kept up to the budget', () => {
    const parsed = parseMessage(hostile.longLine(20_000_000));
    expect(parsed.flags).toEqual(['text-truncated']);
    expect(parsed.body).toHaveLength(defaultParseBudget.textLength);
  });

  test('100,000 addresses: those within the header budget are read', () => {
    expect(parseMessage(hostile.manyAddresses(100_000)).to.length).toBeGreaterThan(80_000);
    expect(parseMessage(hostile.manyAddresses(100_000), { headerBytes: 2 ** 22 }).to).toHaveLength(100_000);
  });

  test('100,000 groups and comments that do not close hide no address', () => {
    const parsed = parseMessage(hostile.nestedGroups(100_000));
    expect(parsed.to.at(-1)?.address).toBe('a@x.org');
    expect(parsed.cc.at(-1)?.address).toBe('b@x.org');
  });

  // Each of these is quadratic in a reader that looks for the end of something again and again: at 1 MB it would not end.
  const runs: readonly (readonly [string, string])[] = [
    ['encoded words', `Subject: ${'=?a?q?'.repeat(160_000)}`],
    ['encoded words in addresses', `To: ${'=?a?q?'.repeat(160_000)}`],
    ['quotes', `To: ${'"'.repeat(1_000_000)}`],
    ['quotes in comments', `To: ${'" ('.repeat(330_000)}`],
    ['brackets', `To: ${'<'.repeat(1_000_000)}`],
    ['domain literals', `To: ${`[${'x'.repeat(100)}`.repeat(10_000)}]`],
    ['words', `To: ${'a@b '.repeat(250_000)}`],
    ['parameters', `Content-Type: text/plain; ${'a*1=b;'.repeat(160_000)}`],
    ['message ids', `References: ${'<a@b>'.repeat(200_000)}`],
    ['soft breaks', `Content-Transfer-Encoding: quoted-printable\n\n${`=${' '.repeat(90)}`.repeat(100_000)}`],
    ['uuencoded files', `\n${'begin 644 x\n'.repeat(500_000)}`],
    ['tags', `Content-Type: text/html\n\n${'<div><b title="x'.repeat(500_000)}`],
    ['comments', `Content-Type: text/html\n\n${'<!--'.repeat(1_000_000)}`],
    ['styles', `Content-Type: text/html\n\n${'<style>'.repeat(1_000_000)}`],
    ['conditional comments', `Content-Type: text/html\n\n${'<!--[if mso]>a<!--[if mso]>b-->'.repeat(150_000)}`],
    ['styles of elements', `Content-Type: text/html\n\n${`<b style="${'/*'.repeat(990)}"><b>`.repeat(2500)}`],
    ['styles with spaces', `Content-Type: text/html\n\n<b style="${'display '.repeat(500_000)}">`],
    [
      'styled elements',
      `Content-Type: text/html\n\n${'<b style=display:grid>'.repeat(200_000)}${'</b>'.repeat(200_000)}`,
    ],
    ['delimiters', `Content-Type: multipart/mixed; boundary=ab\n\n${'--a\n'.repeat(2_000_000)}`],
    ['bare CR', `Subject: x\r\r${'\r'.repeat(5_000_000)}`],
  ];
  test.each(runs)('a long run of %s ends in linear time', (_name, text) => {
    const parsed = parseMessage(Buffer.from(`${text}\n\n`, 'latin1'));
    expect(parsed.flags).not.toContain('parse-failed');
  });

  test('many open boundaries that begin alike are given up, and flagged', () => {
    const long = 'a'.repeat(60);
    const open = Array.from(
      { length: 99 },
      (_, at) => `Content-Type: multipart/mixed; boundary=${long}${at}\n\n--${long}${at}\n`,
    );
    const parsed = parseMessage(Buffer.from(`${open.join('')}\n${`--${long}z\n`.repeat(100_000)}`, 'latin1'));
    expect(parsed.flags).toEqual(expect.arrayContaining(['ambiguous-structure', 'depth-truncated']));
  });

  test('limits can be set', () => {
    const parsed = parseMessage(hostile.manyParts(100), { parts: 10, textLength: 50, messageBytes: 1000, depth: 1 });
    expect(parsed.flags).toEqual(expect.arrayContaining(['parts-truncated', 'text-truncated', 'message-truncated']));
    expect(parsed.body.length).toBeLessThanOrEqual(60);
  });

  test('a huge message is written to a file of exactly that size, and its beginning can be read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'muniment-huge-'));
    try {
      const file = join(folder, 'huge.eml');
      await hostile.hugeMessage(file, 5_000_000);
      expect((await stat(file)).size).toBe(5_000_000);
      const parsed = parseMessage(await readFile(file), { messageBytes: 1_000_000 });
      expect(parsed.body).toContain('firstword');
      expect(parsed.flags).toEqual(expect.arrayContaining(['message-truncated', 'unterminated-multipart']));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('invariant 9: what is hardly a message is still searchable, and says why', () => {
  test('empty', () => {
    expect(parseMessage(hostile.empty()).flags).toEqual(['empty', 'no-message-id', 'date-missing']);
  });

  test('no message at all', () => {
    const parsed = parseMessage(hostile.noMessage());
    expect(parsed.flags).toEqual(expect.arrayContaining(['no-header', 'nul-bytes', 'undeclared-8bit']));
    expect(parsed.body).not.toBe('');
  });

  test('no header end', () => {
    const parsed = parseMessage(hostile.noHeaderEnd());
    expect(parsed.subject).toBe('hostile message');
    expect(parsed.body).toContain('bodyword');
    expect(parsed.flags).toEqual(['no-header-end', 'ambiguous-structure']);
    expect(parseMessage(hostile.headerOnly()).flags).toEqual(['no-header-end']);
  });

  test('NUL octets do not cut words', () => {
    const parsed = parseMessage(hostile.nulBytes());
    expect(parsed.subject).toBe('hostile');
    expect(parsed.body).toContain('nulword');
    expect(parsed.flags).toEqual(['nul-bytes']);
  });

  test('an unknown charset', () => {
    const parsed = parseMessage(hostile.unknownCharset());
    expect(parsed.body).toBe('café plainword\r\n');
    expect(parsed.flags).toEqual(['unknown-charset', 'unreadable-text']);
  });

  test('no or five Message-IDs', () => {
    expect(parseMessage(hostile.withoutMessageId())).toMatchObject({ messageIds: [], flags: ['no-message-id'] });
    const five = parseMessage(hostile.fiveMessageIds());
    expect(five.messageIds).toHaveLength(5);
    expect(five.flags).toEqual(['several-message-ids']);
  });

  test('dates in the years 0002 and 60056 are kept', () => {
    for (const [bytes, year] of [
      [hostile.inYear0002(), 2],
      [hostile.inYear60056(), 60_056],
    ] as const) {
      const parsed = parseMessage(bytes);
      expect(parsed.flags).toEqual(['date-implausible']);
      expect(new Date(parsed.date ?? 0).getUTCFullYear()).toBe(year);
    }
  });
});
