import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseQuery, printQuery, queryWarnings, SearchFault } from '#search';
import { queries } from './query.ts';

function faultOf(query: string): SearchFault {
  try {
    parseQuery(query);
  } catch (thrown) {
    if (thrown instanceof SearchFault) return thrown;
    throw thrown;
  }
  throw new Error(`accepted: ${query.slice(0, 100)}`);
}

describe('operators that are not in upper case', () => {
  test.each([
    ['heron and egret', ['and']],
    ['a Or b OR c or d Or e not f', ['Or', 'or', 'not']],
    ['a AND NOT b "this and that" subject:or order', []],
    ['from:(a or b)', ['or']],
    ['a NEAR b', ['NEAR']],
  ])('are words, and are said to be: %s', (query, words) => {
    const warnings = queryWarnings(query);
    expect(warnings.map((warning) => warning.split('"')[1])).toEqual(words);
    for (const [at, word] of words.entries())
      expect(warnings[at]).toContain(word === 'NEAR' ? 'write w/5' : `write ${word.toUpperCase()}`);
  });
});

test.each([
  ['really?', 1],
  ['"did she really? She did."', 1],
  ['"Really?!" "who?’" asked?.', 3],
  ['"http://a.b/c?" wh?t "wh?t*"', 0],
  ['"hanegr~ bridge"', 1],
  ['blue heron w/5 nest', 1],
  ['heron w/5 nest count', 1],
  ['"blue heron" w/5 nest AND count', 0],
  ['date:2001 heron w/5 nest', 0],
  ['heron w/5 nest from:ada', 0],
  ['heron --nest', 1],
  ['heron -nest count--off', 0],
])('what may be meant otherwise is said: %s', (query, warnings) => {
  expect(queryWarnings(query)).toHaveLength(warnings);
});

test('warnings take no longer than the query is', () => {
  for (const sign of ['a', '~', '?', 'a?', '" ']) expect(queryWarnings(sign.repeat(50_000)).length).toBeLessThan(3);
});

describe('the query language', () => {
  test.each([
    ['word', 'word'],
    ['a b', 'a AND b'],
    ['a AND b', 'a AND b'],
    ['a OR b c', 'a OR b AND c'],
    ['(a OR b) c', '(a OR b) AND c'],
    ['NOT a b', 'NOT a AND b'],
    ['NOT (a b)', 'NOT (a AND b)'],
    ['-a -"b c" -(d OR e)', 'NOT a AND NOT "b c" AND NOT (d OR e)'],
    ['-from:a', 'NOT from:a'],
    ['(((a)))', 'a'],
    ['(a b) (c d)', 'a AND b AND c AND d'],
    ['and or not', 'and AND or AND not'],
    ['And oR', 'and AND or'],
    ['"a AND b"', '"a and b"'],
    ['Ada.Byron@north.example', '"ada byron north example"'],
    ['foo-bar', '"foo bar"'],
    ["don't", 'dont'],
    ['東京', '"東 京"'],
    ['“curly quotes” –dash', '"curly quotes" AND NOT dash'],
    ['a"b"c', 'a AND b AND c'],
    ['subject:(a OR b) c', '(subject:a OR subject:b) AND c'],
    ['subject:(a -b "c d")', 'subject:a AND NOT subject:b AND subject:"c d"'],
    ['FROM:Ada Subject:OR', 'from:ada AND subject:or'],
    ['to:-a', 'to:a'],
    ['from:to:b', 'from:"to b"'],
    ['custodian:Ada* mailbox:"In Box/2001"', 'custodian:Ada* AND mailbox:"In Box/2001"'],
    ['has:attachment has:Attachments', 'has:attachment AND has:attachment'],
    ['header:X-Mailer:Outlook', 'header:x-mailer:outlook'],
    [
      'header:received:"from [10.1.2.3]" -header:x:(a OR b)',
      'header:received:"from 10 1 2 3" AND NOT (header:x:a OR header:x:b)',
    ],
    ['header:x-mailer:* link:*', 'header:x-mailer:* AND link:*'],
    ['header:x-mailer:(* w/5 out*) link:out~', 'header:x-mailer:* w/5 header:x-mailer:out* AND link:out~1'],
    ['link:https://a.example/b?c=d', 'link:"https a example b c d"'],
    ['header:subject:a header:From:b', 'subject:a AND from:b'],
    [`header:${'X'.repeat(90)}:a`, `header:${'x'.repeat(77)}:a`],
    ['*', '*'],
    ['NOT *', 'NOT *'],
    ['10:30 http://north.example', '"10 30" AND "http north example"'],
    ['"http://a.b/c?d=e&f=g"', '"http a b c d e f g"'],
    ['"see https://a.b/?q=1*2 there"', '"see https a b q 1 2 there"'],
    ['a w/5 b', 'a w/5 b'],
    ['a W/05 b w/3 c', '(a w/5 b) w/3 c'],
    ['a PRE/3 b', 'a pre/3 b'],
    ['a w／5 b', 'a w/5 b'],
    ['fraud＊ AND subject：power～', 'fraud* AND subject:power~1'],
    ['a NOT w/5 b', 'a NOT w/5 b'],
    ['NOT a w/5 b', 'NOT a w/5 b'],
    ['-a w/5 b OR c d w/2 e', 'NOT a w/5 b OR c AND d w/2 e'],
    ['a NOT b w/5 c', 'a AND NOT b w/5 c'],
    ['subject:(a w/5 "b c*")', 'subject:a w/5 subject:"b c*"'],
    ['from:ada w/2 from:byron', 'from:ada w/2 from:byron'],
    ['(a w/5 b) w/10 (c OR d w/1 e)', '(a w/5 b) w/10 (c OR d w/1 e)'],
    [
      '(fraud* OR "cook the books") w/10 (auditor* OR andersen) AND NOT from:newsletter',
      '(fraud* OR "cook the books") w/10 (auditor* OR andersen) AND NOT from:newsletter',
    ],
    ['"w/5" "a w/5 b"', '"w 5" AND "a w 5 b"'],
    ['subject:w/5', 'subject:"w 5"'],
    ['http://a.b/c?d=e', '"http a b c d e"'],
    ['"http://a.b/c?"', '"http a b c"'],
    ['"http://a.b/c* d"', '"http a b c* d"'],
    ['"http://a.b c?d"', '"http a b c?d"'],
    ['Fraud* *ING Ä?b', 'fraud* AND *ing AND a?b'],
    ['a**?*b***', 'a?*b*'],
    ['"cook* the b??k?"', '"cook* the b??k?"'],
    ["O'Brien* d*'t", 'obrien* AND d*t'],
    ['foo-bar*', '"foo bar*"'],
    ['filename:*.csv from:*@north.example ada@*', 'filename:csv AND from:"north example" AND ada'],
    ['東* *京*', '東 AND 京'],
    ['subject:(frau* -*ing)', 'subject:frau* AND NOT subject:*ing'],
    ['Audit~ powér~2 from:andersen~1', 'audit~1 AND power~2 AND from:andersen~1'],
    ['"word~" a~b', 'word AND "a b"'],
    ['\u{10600}a* \u{10601}?', '\u{10600}a* AND \u{10601}?'],
    ['"a|b +c !d [e] /f/ g^2"', '"a b c d e f g 2"'],
    ['AT&T c++ wow a/b [PATCH x^y', '"at t" AND c AND wow AND "a b" AND patch AND "x y"'],
    ['date:2001', 'date:2001-01-01..2001-12-31'],
    ['date:2001-02', 'date:2001-02-01..2001-02-28'],
    ['date:2000-02-29', 'date:2000-02-29..2000-02-29'],
    ['date:2001..2003-06', 'date:2001-01-01..2003-06-30'],
    ['date:2001..', 'date:2001-01-01..'],
    ['date:..0002', 'date:..0002-12-31'],
    ['date:9999', 'date:9999-01-01..9999-12-31'],
    ['date:2001-10-05T12:00Z', 'date:2001-10-05T12:00:00.000Z..2001-10-05T12:00:59.999Z'],
    ['date:2001-10-05T12:00:07..', 'date:2001-10-05T12:00:07.000Z..'],
    ['date:2001-10-05T01:00:00+02:00..', 'date:2001-10-04T23:00:00.000Z..'],
    ['date:>=2001-10', 'date:2001-10-01..'],
    ['date:>2001-10', 'date:2001-11-01..'],
    ['date:<2001-10-05T12:30Z', 'date:..2001-10-05T12:29:59.999Z'],
    ['date:<=2001-10', 'date:..2001-10-31'],
    ['size:1234', 'size:1234..1234'],
    ['size:>10mb', 'size:10000001..'],
    ['size:>=10MB -size:>1.5GB', 'size:10000000.. AND NOT size:1500000001..'],
    ['size:<1KiB', 'size:..1023'],
    ['size:<=1kb', 'size:..1000'],
    ['size:100kb..1mb', 'size:100000..1000000'],
    ['size:>999999999999', 'size:1000000000000..'],
    ['size:..9007199gb', 'size:..9007199000000000'],
    ['size:>=1.1mb', 'size:1100000..'],
    ['size:(..5 OR "7..")', 'size:..5 OR size:7..'],
    ['date:(2001 OR 2003)', 'date:2001-01-01..2001-12-31 OR date:2003-01-01..2003-12-31'],
  ])('%s means %s', (query, printed) => {
    expect(printQuery(parseQuery(query))).toBe(printed);
    expect(parseQuery(printed)).toEqual(parseQuery(query));
  });

  test.each([
    ['', 0, 'empty'],
    ['   ', 3, 'empty'],
    ['a ***', 2, 'no letter and no digit'],
    ['""', 0, 'no letter and no digit'],
    ['a - b', 2, 'no letter and no digit'],
    ['subject:!!', 8, 'no letter and no digit'],
    ['a AND', 5, 'behind AND'],
    ['OR a', 0, 'at the beginning'],
    ['a OR OR b', 5, 'behind OR'],
    ['a AND )', 6, 'behind AND'],
    ['()', 1, 'behind ('],
    ['(a', 0, 'never closed'],
    ['a (b (c)', 2, 'never closed'],
    ['a) b', 1, 'never opened'],
    ['a "b c', 2, 'never closed'],
    ['subjct:a', 0, 'no field of this name'],
    ['a from: b', 7, 'right behind from:'],
    ['(from:)', 6, 'right behind from:'],
    ['subject:(a from:b)', 11, 'within the group'],
    ['a "b * c"', 5, 'no letter and no digit beside it'],
    ['a.*.b', 2, 'no letter and no digit beside it'],
    ['東?', 1, 'no letter and no digit beside it'],
    ['subject:*', 8, 'no letter and no digit'],
    ['a ???', 2, 'no letter and no digit'],
    ['a?b?c?d?e?f?g?h?i?', 1, 'more than 8 wildcards'],
    ['a !b', 2, '! before'],
    ['subject:!b', 8, '! before'],
    ['a +b', 2, '+ before'],
    ['-+b', 1, '+ before'],
    ['a | b', 2, '| has'],
    ['a || b', 2, '| has'],
    ['a|b', 1, '| has'],
    ['a&&b', 1, '&& has'],
    ['a && b', 2, '&& has'],
    ['word^2', 4, 'weights'],
    ['"a b"^2', 5, 'weights'],
    ['/fra.d/', 0, 'regular expressions'],
    ['x [ab]', 2, 'brackets'],
    ['{ab}', 0, 'braces'],
    ['mailbox:a*', 9, 'wildcards'],
    ['custodian:*a', 10, 'wildcards'],
    ['a w/5', 5, 'behind a proximity'],
    ['w/5 b', 0, 'at the beginning'],
    ['a w/5 w/5 b', 6, 'behind a proximity'],
    ['a NOT w/5', 9, 'behind a proximity'],
    ['a AND w/5 b', 6, 'behind AND'],
    ['a w/0 b', 2, '1 to 1000'],
    ['a w/1001 b', 2, '1 to 1000'],
    ['a NOT pre/5 b', 6, 'not supported'],
    ['a w/s b', 2, 'not how proximity is written'],
    ['a NEAR/5 b', 2, 'not how proximity is written'],
    ['a /5 b', 2, 'not how proximity is written'],
    ['a +s b', 2, 'not how proximity is written'],
    ['a w/5, b', 2, 'not how proximity is written'],
    ['a w/ 5 b', 2, 'not how proximity is written'],
    ['a p/5 b', 2, 'not how proximity is written'],
    ['a AND NOT w/5 b', 10, 'expected a word'],
    ['(a w/5 b) NOT w/5 c', 14, 'a proximity beside'],
    ['a pre/3 b pre/5 c', 10, 'a proximity beside'],
    ['negligen!', 8, '! behind a word'],
    ['wow!', 3, '! behind a word'],
    ['~apply', 0, '~ here'],
    ['apply~~2', 5, '~ here'],
    ['apply~0.8', 5, '1 or 2 differences'],
    ['apply~AUTO', 5, '1 or 2 differences'],
    ['date>=2024-01-01', 0, '=, < and >'],
    ['subject=fraud', 0, '=, < and >'],
    ['subject:=fraud', 8, '=, < and >'],
    ['from(ada)', 0, 'expected a colon behind from'],
    [`"${'a '.repeat(32)}b*"`, 0, 'more than 32 words'],
    ['(a b) w/5 c', 6, 'no place in the text'],
    ['a w/5 (b OR NOT c)', 2, 'no place in the text'],
    ['a w/5 has:attachment', 2, 'no place in the text'],
    ['* w/5 a', 2, 'no place in the text'],
    ['subject:a w/5 b', 10, 'not in the same field'],
    ['(from:a OR to:b) w/5 c', 17, 'not in the same field'],
    ['word~2', 4, 'at least 5 letters'],
    ['a wo~', 4, 'at least 3 letters'],
    ['word~3', 4, '1 or 2 differences'],
    ['foo-bar~', 7, 'single word'],
    ['wor*d~', 5, 'cannot have wildcards'],
    ['"a b"~5', 5, 'belongs to a word'],
    ['has:colour', 4, 'does not know this'],
    ['is:old', 3, 'does not know this'],
    ['filetype:p*f', 10, 'wildcards are not supported'],
    ['filetype:application', 9, 'the file of any program'],
    ['unsearchable:encryptd', 13, 'does not know this'],
    ['domain:@', 7, 'expected a name'],
    ['domain:north.*', 13, 'wildcards are not supported'],
    ['digest:12345', 7, 'hexadecimal digits'],
    ['digest:nothexad', 7, 'hexadecimal digits'],
    ['received:soon', 9, 'expected a date'],
    ['sent-or-received:soon', 17, 'expected a date'],
    ['message-id:" "', 11, 'expected a name'],
    ['domain:x w/3 y', 9, 'has no place in the text'],
    ['date:soon', 5, 'expected a date'],
    ['date:2001-02-30', 5, 'there is no such date'],
    ['date:2001-10-05T24:00', 5, 'there is no such date'],
    ['date:2001..2001-13', 11, 'there is no such date'],
    ['date:2003..2001', 5, 'ends before it begins'],
    ['date:..', 5, 'expected a date'],
    ['date:>', 6, 'expected a date'],
    ['date:>=2001..2002', 7, 'expected a date'],
    ['date:>9999', 5, 'expected a date'],
    ['date:<0000', 5, 'expected a date'],
    ['date:9999-12-31T23:59-10:00', 5, 'expected a date'],
    ['date:0000-01-01T00:00+01:00', 5, 'expected a date'],
    ['size:>1.5', 6, 'expected a size'],
    ['size:0.0001kb..', 5, 'expected a size'],
    ['size:>9007199254740991', 6, 'expected a size'],
    ['size:large', 5, 'expected a size'],
    ['size:>10tb', 6, 'expected a size'],
    ['size:=10mb', 5, 'expected a size'],
    ['size:10mb', 5, 'exactly this size'],
    ['size:1mb..1kb', 5, 'ends before it begins'],
    ['size:<0', 5, 'that small'],
    ['size:..', 5, 'expected a size'],
    ['size:999999999999gb..', 5, 'expected a size'],
    ['a w/5 size:1', 2, 'no place in the text'],
    ['custodian:""', 10, 'expected a name'],
  ])('%s is refused at character %d', (query, position, problem) => {
    const fault = faultOf(query);
    expect(fault).toMatchObject({ code: 'query-invalid', facts: { position } });
    expect(fault.message).toContain(problem);
    expect(fault.remedy).not.toBe('');
  });

  test('a mistyped field is answered with the likely one', () => {
    expect(faultOf('subjct:a').remedy).toContain('subject:');
    expect(faultOf('form:a').remedy).toContain('from:');
    expect(faultOf('elephant:a').remedy).toContain('custodian');
  });

  test('parse after print is the identity', () => {
    fc.assert(
      fc.property(queries, (ast) => {
        expect(parseQuery(printQuery(ast))).toEqual(ast);
      }),
      { numRuns: 2000, seed: 30 },
    );
  });

  test('whatever is typed is a query or a query-invalid that points into it (invariant 33)', () => {
    const pieces = fc.constantFrom(
      'a',
      'AND',
      'OR',
      'NOT',
      '-',
      '(',
      ')',
      '"',
      ' ',
      ':',
      '*',
      '!',
      '+',
      '|',
      '^',
      '://',
      '?',
      'word~',
      ' w/2 ',
      ' pre/3 ',
      '~2',
      'date:',
      'size:',
      '>',
      '9kb',
      'from:',
      '..',
      '東',
      '2001',
      '–',
      '”',
      '\u0000',
    );
    const typed = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.array(pieces, { maxLength: 30 }).map((some) => some.join('')),
    );
    fc.assert(
      fc.property(typed, (query) => {
        try {
          const ast = parseQuery(query);
          expect(parseQuery(printQuery(ast))).toEqual(ast);
        } catch (thrown) {
          if (!(thrown instanceof SearchFault)) throw thrown;
          expect(thrown.code).toBe('query-invalid');
          expect(thrown.facts['position']).toBeLessThanOrEqual(query.length);
        }
      }),
      { numRuns: 5000, seed: 31 },
    );
  });

  test.each([
    ['longer than 100 kB', 'a '.repeat(50_001), 'longer than'],
    ['10,000 parentheses', '('.repeat(10_000) + 'a' + ')'.repeat(10_000), 'nested deeper'],
    ['10,000 NOTs', 'NOT '.repeat(10_000) + 'a', 'nested deeper'],
    ['10,000 minus signs', '-('.repeat(10_000), 'nested deeper'],
    ['100 kB of asterisks', '*'.repeat(100_000), 'no letter'],
    ['2,001 words', 'a '.repeat(2001), 'more than 2000 terms'],
    ['a phrase of 2,001 words', `"${'a '.repeat(2001)}"`, 'more than 2000 terms'],
    ['200 proximities', `a${' w/2 a'.repeat(11)}`, 'more than 10 proximities'],
    ['a phrase of beginnings', `"${'a* '.repeat(30)}"`, 'more than 25 words with ~'],
    ['26 fuzzy words', 'word~ '.repeat(26), 'more than 25 words with ~'],
    ['100 kB of wildcards', 'a?*'.repeat(33_333), 'more than'],
    ['100 kB of quotation marks', '"'.repeat(100_000), 'no letter'],
  ])('%s is refused as a whole', (_, query, problem) => {
    expect(faultOf(query).message).toContain(problem);
  });

  test('2,000 words and 100 levels are accepted', () => {
    expect(parseQuery('a '.repeat(2000))).toMatchObject({ kind: 'and' });
    expect(parseQuery('('.repeat(100) + 'a' + ')'.repeat(100))).toMatchObject({ kind: 'phrase' });
  });
});
