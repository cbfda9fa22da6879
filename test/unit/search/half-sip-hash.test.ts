import { describe, expect, test } from '@jest/globals';
import { HalfSipHash } from '../../../services/search/adapters/embedded/half-sip-hash.ts';
import { PostingSums } from '../../../services/search/adapters/embedded/posting-sums.ts';

/** Of the reference implementation, `vectors_hsip64`: key 00 01 … 07, input 00 01 … of this many bytes. */
const vectors: Readonly<Record<number, string>> = {
  0: '218d1f59b9b83cc8',
  2: '064f39ef7c50eb57',
  4: 'd5e78a175be52ea1',
  6: 'ce3e91358aa2bc25',
  8: 'edfee820bce4858c',
  10: '95b0469f06a6f2ee',
  20: '1bf52b0a6feea7db',
};

function text(bytes: number): string {
  return Buffer.from(Array.from({ length: bytes }, (_, index) => index)).toString('utf16le');
}

describe('the keyed hash of words', () => {
  test.each(Object.entries(vectors))('%s bytes hash as in the reference implementation', (bytes, expected) => {
    const hash = new HalfSipHash([0x03020100, 0x07060504]);
    expect(Buffer.from(hash.hash(text(Number(bytes))).buffer).toString('hex')).toBe(expected);
    expect(Buffer.from(hash.hash(`aa${text(Number(bytes))}b`, 2, 2 + Number(bytes) / 2).buffer).toString('hex')).toBe(
      expected,
    );
  });
});

describe('sums of words at their places', () => {
  const words = ['one', 'two', 'three', 'x'.repeat(40_000), 'two'];

  function summed(): PostingSums {
    const sums = new PostingSums(5, 8);
    // Word by word, as an index gives them.
    words
      .map((word, offset) => ({ word: word.slice(0, 32_768), offset }))
      .sort((a, b) => (a.word < b.word ? -1 : 1))
      .forEach(({ word, offset }) => sums.add(6, word, 1, offset));
    return sums;
  }

  test('the same words at the same places have the same sum, also those that an index cuts off', () => {
    expect(summed().hasExactly(6, ['', words.join(' ')])).toBe(true);
    expect(summed().hasExactly(5, ['', ''])).toBe(true);
  });

  test.each([
    ['another word', ['', 'one two three y two']],
    ['another order', ['', [...words].reverse().join(' ')]],
    ['another column', [words.join(' '), '']],
    ['one more', ['', `${words.join(' ')} four`]],
    ['one less', ['', words.slice(1).join(' ')]],
    ['none', ['', '']],
  ])('%s has another', (_, columns) => {
    expect(summed().hasExactly(6, columns)).toBe(false);
  });
});
