import { describe, expect, test } from '@jest/globals';
import { evaluate, nothingKnown, parseQuery } from '#search';
import { address, documentOf } from '../../contract/search-document.ts';

function isTrue(query: string, document: ReturnType<typeof documentOf>): boolean {
  return evaluate(parseQuery(query), document, nothingKnown);
}

describe('what a message has or is', () => {
  test.each([
    ['domain:bücher.example', true],
    ['domain:XN--BCHER-KVA.example', true],
    ['domain:*.bücher.example', true],
    ['domain:@mail.bücher.example', true],
    ['domain:example', true],
    ['domain:cher.example', false],
    ['domain:ada', false],
  ])('%s of a host in Punycode: %s', (query, expected) => {
    expect(isTrue(query, documentOf({ from: [address('ada@mail.xn--bcher-kva.example')] }))).toBe(expected);
  });

  test('a domain is that of anybody the message names, also of who resent it and of its envelope', () => {
    const one = [address('x@a.example')];
    const none = { from: [], to: [], cc: [], bcc: [] };
    for (const field of ['from', 'sender', 'replyTo', 'to', 'cc', 'bcc'] as const) {
      expect(isTrue('domain:a.example', documentOf({ [field]: one }))).toBe(true);
    }
    for (const field of ['from', 'to', 'cc', 'bcc'] as const) {
      expect(isTrue('domain:a.example', documentOf({ carried: { ...none, [field]: one } }))).toBe(true);
    }
    expect(isTrue('domain:a.example', documentOf({ body: 'x@a.example' }))).toBe(false);
  });

  test.each([
    [
      'report.final.PDF',
      'application/octet-stream',
      ['filetype:pdf', 'filetype:.pdf', 'filetype:application/octet-stream'],
    ],
    ['picture', 'image/png', ['filetype:image', 'filetype:image/png']],
    ['', 'application/pdf', ['filetype:application/pdf']],
    ['Übersicht.öäü', 'text/plain', ['filetype:ÖÄÜ', 'filetype:text']],
  ])('the file %j of type %s is found by %j', (name, mediaType, queries) => {
    const document = documentOf({ attachments: [{ name, mediaType, size: 1, text: 'x' }] });
    expect(queries.filter((query) => !isTrue(query, document))).toEqual([]);
    expect(isTrue('filetype:final', document)).toBe(false);
  });

  test('an attachment that only its own program reads makes a message unsearchable, one whose text was read does not', () => {
    const file = { name: 'a.pdf', mediaType: 'application/pdf', size: 1, text: '' };
    const unread = documentOf({ attachments: [{ ...file, unread: true }] });
    expect([isTrue('is:unsearchable', unread), isTrue('unsearchable:attachment', unread)]).toEqual([true, true]);
    expect(isTrue('is:unsearchable', documentOf({ attachments: [file] }))).toBe(false);
    const encrypted = documentOf({ flags: ['encrypted'] });
    expect(isTrue('has:encryption is:unsearchable unsearchable:encrypted', encrypted)).toBe(true);
    expect(isTrue('unsearchable:attachment', encrypted)).toBe(false);
  });

  test('a value that is cut within a character is in the index what it is here (invariant 23)', () => {
    const id = `${'a'.repeat(997)}😀@t.example`;
    const document = documentOf({ messageIds: [id], from: [address(`x@${'h'.repeat(997)}😀.example`)] });
    expect(document.marks.every((mark) => mark.isWellFormed())).toBe(true);
    expect(isTrue(`message-id:"${id}"`, document)).toBe(true);
  });

  test('of more addresses than are kept the message says so', () => {
    const many = Array.from({ length: 20_000 }, (_, place) => address(`x@host${place}.example`));
    const document = documentOf({ to: many });
    expect(isTrue('is:truncated', document)).toBe(true);
    expect(isTrue('domain:host0.example', document)).toBe(true);
    expect(document.marks.join(' ').length).toBeLessThan(300_000);
    expect(isTrue('is:truncated', documentOf({ to: many.slice(0, 5000) }))).toBe(false);
  });
});
