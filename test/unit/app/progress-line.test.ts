import { describe, expect, test } from '@jest/globals';
import { progressLine, shown, size, visible } from '../../../services/app/cli/io.ts';

describe('what people see', () => {
  test.each([
    [{ what: 'Archived', done: 0 }, 0, 'Archived 0'],
    [{ what: 'Archived', done: 0, total: 10 }, 5000, 'Archived 0 of 10'],
    [
      { what: 'Archived', done: 12_000, total: 50_863, bytes: 34_000_000 },
      4000,
      'Archived 12,000 of 50,863 · 3,000/s · 34.0 MB · 13 s left',
    ],
    [{ what: 'Archived', done: 10, total: 10 }, 1000, 'Archived 10 of 10 · 10/s'],
    [{ what: 'Verified', done: 1, total: 1000 }, 10_000, 'Verified 1 of 1,000 · 9,990 s left'],
  ])('%j after %i ms: %s', (progress, elapsed, line) => {
    expect(progressLine(progress, elapsed)).toBe(line);
  });

  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [1_234_567, '1.2 MB'],
    [9e15, '9000.0 TB'],
  ])('%i bytes: %s', (bytes, text) => {
    expect(size(bytes)).toBe(text);
  });

  test.each([
    ['\u001B[31mred\u0007', '␛[31mred␇'],
    ['\u009B2J\u007F', '\\u{9b}2J␡'],
    ['overwritten\rby this', 'overwritten␍by this'],
    ['gnp\u202Eexe\u202C\u2066\u2069\u200E\u200F', 'gnp\\u{202e}exe\\u{202c}\\u{2066}\\u{2069}\\u{200e}\\u{200f}'],
    ['a\tb\r\nc\n', 'a\tb\nc\n'],
    ['Grüße, 😀 \u05E9\u05DC\u05D5\u05DD', 'Grüße, 😀 \u05E9\u05DC\u05D5\u05DD'],
  ])('%j on a terminal is %j', (text, seen) => {
    expect(visible(text)).toBe(seen);
  });

  test('text of a message does nothing to a terminal', () => {
    expect(shown('a\u001B]0;owned\u0007b\r\nc\u2028d\u202Ee\u0000')).toBe('a ]0;owned b c d e');
  });
});
