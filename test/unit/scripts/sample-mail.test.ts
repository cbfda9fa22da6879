import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { simpleParser } from 'mailparser';
import { attachment } from '../../../scripts/sample-mail/attachments.ts';
import { generateSampleMail, writeSampleMail } from '../../../scripts/sample-mail/index.ts';

const mails = [...generateSampleMail()];
const texts = mails.map((mail) => mail.bytes.toString('latin1'));
const parsed = await Promise.all(mails.map((mail) => simpleParser(mail.bytes, { skipTextToHtml: true })));

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe('the sample mail', () => {
  test('has 300 to 400 messages of seven custodians, a quarter with attachments', () => {
    expect(mails.length).toBeGreaterThanOrEqual(300);
    expect(mails.length).toBeLessThanOrEqual(400);
    expect(new Set(mails.map((mail) => mail.custodian)).size).toBe(7);
    const withAttachment = parsed.filter((mail) => mail.attachments.length > 0).length;
    expect(withAttachment / mails.length).toBeGreaterThan(0.2);
    expect(withAttachment / mails.length).toBeLessThan(0.3);
  });

  test('every file has its own place', () => {
    const places = mails.map((mail) => `${mail.custodian}/${mail.folder}/${mail.name}`);
    expect(new Set(places).size).toBe(mails.length);
  });

  test('the same bytes lie in several mailboxes, and copies with one Message-ID differ', () => {
    const custodians = Map.groupBy(mails, (mail) => digestOf(mail.bytes));
    const shared = [...custodians.values()].filter((same) => new Set(same.map((mail) => mail.custodian)).size > 1);
    expect(shared.length).toBeGreaterThan(40);
    const copies = Map.groupBy(mails.keys(), (index) => parsed[index]?.messageId ?? '');
    const differing = [...copies.values()].filter(
      (same) => new Set(same.map((index) => digestOf(mails[index]?.bytes ?? Buffer.alloc(0)))).size > 1,
    );
    expect(differing.length).toBeGreaterThan(10);
  });

  test('replies refer to messages that are there', () => {
    const known = new Set(parsed.map((mail) => mail.messageId));
    const references = parsed.flatMap((mail) => mail.references ?? []);
    expect(references.length).toBeGreaterThan(100);
    expect(references.filter((id) => !known.has(id))).toEqual([]);
  });

  test.each([
    ['iso-2022-jp', '吊りケーブル納期の件', '港ケーブルの佐伯です'],
    ['shift_jis', '橋梁点検報告書について', '四百十二'],
    ['gb18030', '关于螺栓材料证书 LH-88341', '伪造'],
    ['windows-1256', 'نتائج مسح الجسر', 'الشمالي'],
    ['iso-8859-7', 'Προσφορά για εφέδρανα γέφυρας', 'Ιουνίου'],
    ['koi8-r', 'Ночная смена у второй опоры', 'болты'],
    ['utf-8', 'नए बोल्ट की जाँच रिपोर्ट', 'दरार'],
    ['iso-8859-2', 'Furnace record', 'Zdeněk Havránek'],
    ['windows-1252', 'Auftragsbestätigung Korrosionsschutz, Los MK-0092', 'Größe'],
  ])('text in %s reads as it was written', (charset, subject, words) => {
    const index = parsed.findIndex((mail) => mail.subject === subject);
    expect(parsed[index]?.text).toContain(words);
    expect(texts[index]).toContain(`charset=${charset}`);
  });

  test('the story can be found: the true number, the altered one, the code word', () => {
    const bodies = parsed.map((mail) => `${mail.subject} ${mail.text ?? ''} ${mail.html || ''}`);
    expect(bodies.filter((body) => /blue heron/iu.test(body)).length).toBeGreaterThan(4);
    expect(bodies.some((body) => body.includes('412 has become 372'))).toBe(true);
    expect(attachment('draft-report').bytes.toString('latin1')).toContain('Highest value: 412');
    expect(attachment('final-report').bytes.toString('latin1')).toContain('Highest value: 378');
  });

  test('has what good mail programs do not write', () => {
    expect(texts.some((text) => !/^Message-ID:/imu.test(text))).toBe(true);
    expect(texts.some((text) => !/^Date:/imu.test(text))).toBe(true);
    expect(texts.some((text) => !text.includes('\r\n'))).toBe(true);
    expect(texts.some((text) => text.includes('\r\n') && /[^\r]\n/u.test(text))).toBe(true);
    for (const type of ['message/delivery-status', 'text/calendar', 'message/rfc822', 'multipart/alternative']) {
      expect(texts.some((text) => text.includes(`Content-Type: ${type}`))).toBe(true);
    }
  });

  test('names nobody who exists: every address and link ends in .example', () => {
    const domains = texts.flatMap((text) => [...text.matchAll(/(?:@|https?:\/\/)([\w-]+(?:\.[\w-]+)+)/gu)]);
    expect(domains.length).toBeGreaterThan(1_000);
    expect(domains.map((match) => match[1] ?? '').filter((domain) => !domain.endsWith('.example'))).toEqual([]);
  });

  test('no line is longer than RFC 5322 allows', () => {
    expect(texts.filter((text) => text.split('\n').some((line) => line.length > 999))).toEqual([]);
  });

  test('is written as custodian/folder/n.eml', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'muniment-sample-'));
    try {
      const { messages } = await writeSampleMail(folder);
      const written = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.eml'));
      expect(written.length).toBe(messages);
      const first = mails[0];
      const path = join(folder, first?.custodian ?? '', first?.folder ?? '', first?.name ?? '');
      expect((await readFile(path)).equals(first?.bytes ?? Buffer.alloc(0))).toBe(true);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('the attached files are what they say', () => {
  test('PDF: every object lies where the table says', () => {
    const text = attachment('lab-report').bytes.toString('latin1');
    const start = Number(/startxref\n(\d+)/u.exec(text)?.[1]);
    const offsets = [...text.slice(start).matchAll(/^(\d{10}) 00000 n /gmu)].map((match) => Number(match[1]));
    expect(offsets.length).toBe(5);
    for (const [index, offset] of offsets.entries()) {
      expect(text.slice(offset).startsWith(`${index + 1} 0 obj`)).toBe(true);
    }
  });

  test('PNG: the picture inflates to its size', () => {
    const bytes = attachment('crack-photo').bytes;
    const data = bytes.indexOf('IDAT');
    const length = bytes.readUInt32BE(data - 4);
    expect(inflateSync(bytes.subarray(data + 4, data + 4 + length)).length).toBe((128 + 1) * 64);
  });

  test('zip: the directory names three entries that are there', () => {
    const bytes = attachment('site-data').bytes;
    const end = bytes.length - 22;
    expect(bytes.readUInt32LE(end)).toBe(0x06054b50);
    expect(bytes.readUInt16LE(end + 10)).toBe(3);
    let at = bytes.readUInt32LE(end + 16);
    for (let entry = 0; entry < 3; entry += 1) {
      expect(bytes.readUInt32LE(bytes.readUInt32LE(at + 42))).toBe(0x04034b50);
      at += 46 + bytes.readUInt16LE(at + 28);
    }
    expect(at).toBe(end);
  });
});
