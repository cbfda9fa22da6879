import { describe, expect, test } from '@jest/globals';
import { analyze, DocumentBudget, documentLimits, documentText, searchDocument } from '#search';
import { emptyMessage } from '../../../services/message/parsed-message.ts';
import { differentWords, han, punycodeHosts } from '../../hostile-mail.ts';

const small = { tokens: 10, words: 10, bytes: 1000 };
const tokensOf = (text: string) => (text === '' ? 0 : text.split(' ').length);
const documentOf = (body: string, limits = documentLimits) => searchDocument({ ...emptyMessage, body }, 1, limits);

describe('what the words of one message may take (invariant 33)', () => {
  test.each([
    ['tokens', { ...small, tokens: 3 }, 'one two two three', 'one two two'],
    ['different words', { ...small, words: 2 }, 'one two two three one', 'one two two'],
    ['bytes, for a piece of a text', { ...small, bytes: 8 }, 'one two', 'one two'],
    ['bytes, of which the piece has too many', { ...small, bytes: 7 }, 'one two', ''],
  ])('is bounded: %s', (_, limits, text, fitting) => {
    const budget = new DocumentBudget(limits);
    expect(documentText(text, budget)).toBe(fitting);
    expect(budget.isSpent).toBe(fitting !== text);
    if (fitting !== text) expect(documentText('four', budget)).toBe('');
  });

  test('what was not counted while there was little is counted when there is more', () => {
    const budget = new DocumentBudget({ tokens: 6, words: 6, bytes: 1000 });
    expect([1, 2, 3, 4].map(() => documentText('ab cd', budget))).toEqual(['ab cd', 'ab cd', 'ab cd', '']);
  });

  test('parts of words count with the sign before each', () => {
    expect(documentText("ba'ath", new DocumentBudget({ ...small, tokens: 5 }))).toBe('baath ¶ ba ¶ ath');
    expect(documentText("ba'ath", new DocumentBudget({ ...small, tokens: 4 }))).toBe('baath ¶ ba');
  });

  test('parts of words count as several words: they are held in several places', () => {
    expect(documentText("ba'ath", new DocumentBudget({ ...small, words: 9 }))).toBe('baath ¶ ba ¶ ath');
    expect(documentText("ba'ath", new DocumentBudget({ ...small, words: 6 }))).toBe('baath ¶ ba');
  });

  test.each([
    ['what becomes four letters', '\u3300'.repeat(3_000_000)],
    ['what becomes eighteen', '\ufdfa'.repeat(1_500_000)],
    ['a token for each character', han(6_000_000)],
    ['very many different words', differentWords(1_000_000)],
    ['very many hosts in Punycode', punycodeHosts(400_000)],
  ])('a message of %s is flagged, and what its document holds is bounded', (_, body) => {
    const { columns, display } = documentOf(body);
    expect(display.flags).toEqual(['text-truncated']);
    expect(Buffer.byteLength(columns.body)).toBeLessThanOrEqual(documentLimits.bytes);
    expect(tokensOf(columns.body)).toBeLessThanOrEqual(documentLimits.tokens);
    expect(tokensOf(columns.body)).toBeGreaterThan(500_000);
  });

  test('sixteen million letters of English, and a report of numbers, stay whole', () => {
    const texts = ['the committee of five approved what it’s been told, '.repeat(310_000), differentWords(550_000)];
    for (const body of texts) {
      const { columns, display } = documentOf(body);
      expect(display.flags).toEqual([]);
      expect(columns.body.startsWith(analyze(body.slice(0, 1000)).slice(0, 900))).toBe(true);
    }
  });

  test('who wrote to whom is searched, however much the body says', () => {
    const from = [{ name: 'Ada', address: 'ada@north.example' }];
    const parsed = { ...emptyMessage, from, subject: 'subjectword', body: 'too many words here', notes: ['note'] };
    const { columns } = searchDocument(parsed, 1, { ...small, tokens: 7 });
    expect(columns).toMatchObject({ subject: 'subjectword', from: 'ada ¶ ada north example', others: 'note' });
    expect(columns.body).toBe('too');
  });

  test.each([
    ['English', "It's the committee's report, of 2001; see https://example.org/a?b=c.\r\n"],
    ['Japanese', '委員会の報告は、二千一年のものです。カ\u3099'],
    ['German with marks', 'Die A\u0308rztinnen „prüfen“ Straße² und ‘das’ '],
    ['Chinese with marks', '北京大學報告書北京大學一\u0301報告書'],
  ])('a long text has the tokens of its pieces: %s', (_, sentence) => {
    const count = Math.ceil(400_000 / sentence.length);
    const once = analyze(sentence);
    expect(documentText(sentence.repeat(count)).split(' ¶ ')[0]).toBe(Array(count).fill(once).join(' '));
  });

  test('a long run of letters is divided between characters, none of which is lost', () => {
    for (const letter of ['x', '𝔞', 'e\u0301', '\u{10400}']) {
      const tokens = documentText(letter.repeat(300_000)).split(' ');
      expect(tokens.join('')).toBe(analyze(letter).repeat(300_000));
    }
  });
});
