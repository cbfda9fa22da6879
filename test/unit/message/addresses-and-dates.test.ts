import type { ParseFlag } from '#kernel';
import { describe, expect, test } from '@jest/globals';
import { parseAddresses } from '../../../services/message/address-list.ts';
import { parseMailDate } from '../../../services/message/mail-date.ts';

describe('address lists (RFC 5322 §3.4)', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['a@x', ['|a@x']],
    ['a@x,b@x,,c@x', ['|a@x', '|b@x', '|c@x']],
    ['a@x; b@x', ['|a@x', '|b@x']],
    ['Ann Lee <a@x>', ['Ann Lee|a@x']],
    ['"Lee, Ann" <a@x>, b@x', ['Lee, Ann|a@x', '|b@x']],
    ['"a \\"b\\" c" <a@x>', ['a "b" c|a@x']],
    ['a@x (Ann Lee)', ['Ann Lee|a@x']],
    ['Ann (the (nested) one) <a@x>', ['Ann|a@x']],
    ['Team: a@x, B <b@x>; c@x', ['Team|', '|a@x', 'B|b@x', '|c@x']],
    ['undisclosed-recipients:;', ['undisclosed-recipients|']],
    ['<@r1,@r2:a@x>', ['|a@x']],
    ['"john doe"@x', ['|"john doe"@x']],
    ['"a@x"', ['|a@x']],
    ['Ann a@x', ['Ann|a@x']],
    ['a@x b@x', ['|a@x', '|b@x']],
    ['a @ x', ['|a@x']],
    ['Ann Lee', ['Ann Lee|']],
    ['=?utf-8?Q?Lee,_Ann?= <a@x>', ['Lee, Ann|a@x']],
    ['=?utf-8?B?w6k=?= =?utf-8?B?w6k=?= <a@x>', ['éé|a@x']],
    ['"=?utf-8?Q?caf=C3=A9?=" <a@x>', ['café|a@x']],
    ['a@[IPv6:2001:db8::1], b@x', ['|a@[IPv6:2001:db8::1]', '|b@x']],
    ['Pete(a comment) <pete(his account)@x(his host)>', ['Pete|pete@x']],
    ['Ann <a@x, b@x', ['Ann|a@x', '|b@x']],
    ['Ann <a@x> Bob <b@x>', ['Ann|a@x', 'Bob|b@x']],
    ['"never closed, a@x', ['never closed|', '|a@x']],
    ['(never closed, a@x', ['never closed|', '|a@x']],
    ["'Ann' <<a@x>>", ["'Ann'|a@x"]],
    ['mailto:a@x', ['|a@x']],
    ['', []],
    ['<>', []],
    [' , ;', []],
  ];
  test.each(cases)('%j', (text, expected) => {
    expect(parseAddresses(text, new Set()).map(({ name, address }) => `${name}|${address}`)).toEqual(expected);
  });
});

describe('dates (RFC 5322 §3.3, §4.3)', () => {
  const at = Date.UTC(2001, 4, 14, 23, 39);
  test.each([
    'Mon, 14 May 2001 16:39:00 -0700 (PDT)',
    'Mon, 14 May 2001 16:39:00 -0700',
    '14 May 2001 16:39 PDT',
    'Mon,14 May 2001 16:39:00 -0700',
    'Monday, 14-May-01 16:39:00 -0700',
    '(when?) 14 (ides) May 2001 16:39:00 -0700',
    'Mon, 14 May 101 16:39:00 -0700',
    'Tue, 15 May 2001 01:39:00 +0200',
    'Tue, 15 May 2001 01:39:00 GMT+0200',
    'Tue, 15 May 2001 01:39:00 +02:00',
    'Mon, 14 May 2001 23:39:00 GMT',
    'Mon, 14 May 2001 23:39:00 Z',
    'Mon, 14 May 2001 11:39:00 PM UT',
    'Mon May 14 23:39:00 GMT 2001',
    'May 14, 2001 11:39 PM UT',
    '2001-05-14T23:39:00Z',
    '2001-05-14 16:39:00 -0700',
    'mon, 14 may 2001 23.39.00 +0000',
  ])('%s', (text) => {
    const flags = new Set<ParseFlag>();
    expect(parseMailDate(text, flags)).toBe(at);
    expect([...flags]).toEqual([]);
  });

  test.each([
    'Mon, 14 May 2001 23:39:00',
    'Mon May 14 23:39:00 2001',
    'May 14, 2001 11:39 PM',
    'Mon, 14 May 2001 23:39:00 AEST',
    'Mon, 14 May 2001 23:39:00 B',
  ])('nobody can tell in which zone, taken for UTC: %s', (text) => {
    const flags = new Set<ParseFlag>();
    expect(parseMailDate(text, flags)).toBe(at);
    expect([...flags]).toEqual(['date-zone-unknown']);
  });

  test('two digits of a year below 50 are of this century', () => {
    expect(parseMailDate('1 Jan 49 00:00:00 +0000', new Set())).toBe(Date.UTC(2049, 0, 1));
    expect(parseMailDate('1 Jan 50 00:00:00 +0000', new Set())).toBe(Date.UTC(1950, 0, 1));
  });

  test.each(['', 'soon', 'Mon, 14 Foo 2001', '99', '1 Jan 999999 00:00 +0000'])('unreadable: %j', (text) => {
    const flags = new Set<ParseFlag>();
    expect(parseMailDate(text, flags)).toBeUndefined();
    expect([...flags]).toContain('date-unreadable');
  });

  test.each([
    'Mon, 14 May 0002 16:39:00 -0700',
    '1 Jan 60056 00:00:00 +0000',
    '1 Jan 1904 00:00:00 +0000',
    '31 May 2001 25:00:00 +0000',
    '31 Feb 2001 12:00:00 +0000',
    '14 May 2001 12:00:00 +9900',
  ])('implausible, and kept: %s', (text) => {
    const flags = new Set<ParseFlag>();
    expect(typeof parseMailDate(text, flags)).toBe('number');
    expect([...flags]).toEqual(['date-implausible']);
  });
});

test('a comment beside a display name is kept', () => {
  const flags = new Set<ParseFlag>();
  expect(parseAddresses('Ann (the heron) <ann@x>, (bob) bob@x, "C" <c@x> (egret)', flags)).toEqual([
    { name: 'Ann', address: 'ann@x', comment: 'the heron' },
    { name: 'bob', address: 'bob@x' },
    { name: 'C', address: 'c@x', comment: 'egret' },
  ]);
});
