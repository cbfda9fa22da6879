import { isUtf8 } from 'node:buffer';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { nameOfBytes, shown, shownName } from '../../../services/ingest/sources/byte-path.ts';

function path(bytes: readonly number[]) {
  return nameOfBytes(Buffer.from(bytes).toString('latin1'));
}

/** What a name may be, dense in what could be mistaken for something else. */
const names = fc
  .array(
    fc.oneof(
      fc.constantFrom(...['\\', '\\xFF', '\\x5C', 'ÿ', 'þ', 'a', '.', '€', '😀'].map((text) => [...Buffer.from(text)])),
      fc.constantFrom([0xff], [0xfe], [0xc3], [0xbf], [0x80]),
      fc.integer({ min: 1, max: 255 }).map((byte) => [byte]),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => parts.flat().filter((byte) => byte !== 0x2f))
  .filter((bytes) => bytes.length > 0);

describe('a path as people and the ledger see it', () => {
  test('no two paths are shown alike', () => {
    fc.assert(
      fc.property(fc.array(names, { minLength: 2, maxLength: 60 }), (all) => {
        const paths = new Set(all.map(path));
        expect(new Set([...paths].map(shown)).size).toBe(paths.size);
      }),
      { seed: 20_261_123, numRuns: 500 },
    );
  });

  test('valid UTF-8 is shown as it is, also with backslashes', () => {
    fc.assert(
      fc.property(names, (bytes) => {
        fc.pre(isUtf8(Buffer.from(bytes)));
        expect(shown(path(bytes))).toBe(Buffer.from(bytes).toString('utf8'));
      }),
      { seed: 20_261_123 },
    );
    expect(shown(nameOfBytes('a\\xFF\\b'))).toBe('a\\xFF\\b');
  });

  test('bytes that are not UTF-8 are shown by their number, backslashes beside them too', () => {
    expect(shown(path([0xff, 0xfe]))).toBe('./\\xFF\\xFE');
    expect(shownName(path([...Buffer.from('ä\\'), 0xe4]))).toBe('ä\\x5C\\xE4');
    expect(shown(nameOfBytes(Buffer.from('\\xFF').toString('latin1')))).toBe('\\xFF');
    expect(shown(nameOfBytes(Buffer.from('ÿþ').toString('latin1')))).toBe('ÿþ');
  });
});
