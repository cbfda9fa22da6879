import { expect, test } from '@jest/globals';
import { asSequence } from '#kernel';
import { listedValuesMax, type SearchIndex, SequenceSet } from '#search';
import { address, captured, documentOf } from './search-document.ts';

/** Of every SearchIndex. */
export function testMarks(name: string, open: () => Promise<SearchIndex>): void {
  test(`${name}: of some messages it is told which have the same value of a mark, and the first of them`, async () => {
    await using index = await open();
    const mail = (body: string, date: string) => documentOf({ subject: 'Re: gas', body, date: Date.parse(date) });
    const [a, b] = [mail('one', '2001-01-01'), mail('two', '2001-01-02')];
    const documents = [a, b, a, documentOf({ body: 'one' }), b, documentOf({ body: 'one' }), a];
    await index.apply({
      documents: documents.map((document, place) => captured(place * 2, document)),
      removed: [],
      through: 13,
    });
    const firsts = async (within: Iterable<number>) =>
      [...(await index.firstOfSame('fingerprint', SequenceSet.of(within))).entries()].filter(
        ([at, first]) => at !== first,
      );
    const all = SequenceSet.below(50);
    expect(await firsts(all)).toEqual([
      [4, 0],
      [8, 2],
      [12, 0],
    ]);
    expect(await index.firstOfSame('fingerprint', all)).toHaveLength(50);
    expect(await firsts([4, 6, 8, 10, 12])).toEqual([[12, 4]]);
    expect(await index.firstOfSame('fingerprint', SequenceSet.of([2, 4]))).toEqual(new Uint32Array([0, 1, 2, 3, 4]));
    expect(await index.firstOfSame('fingerprint', SequenceSet.of())).toEqual(new Uint32Array());
    expect((await index.firstOfSame('topic', all)).slice(0, 13)).toEqual(
      new Uint32Array([0, 1, 0, 3, 0, 5, 6, 7, 0, 9, 10, 11, 0]),
    );
    await index.apply({ documents: [], removed: [asSequence(0)], through: 13 });
    expect(await firsts(all)).toEqual([
      [8, 2],
      [12, 4],
    ]);
  });

  test(`${name}: of more values than are listed the most frequent are counted, and it is said how many others there are (invariant 33)`, async () => {
    await using index = await open();
    const host = (number: number) => `h${String(number).padStart(5, '0')}.example`;
    const documents = Array.from({ length: 40 }, (_, place) => {
      const numbers = [99_999, ...Array.from({ length: 280 }, (_of, at) => place * 280 + at)];
      return captured(place, documentOf({ to: numbers.map((number) => address(`a@${host(number)}`)) }));
    });
    await index.apply({ documents, removed: [], through: 40 });
    const whole = await index.markCounts('domain', SequenceSet.below(40));
    expect([whole.counts.size, whole.further]).toEqual([listedValuesMax, 40 * 280 + 1 - listedValuesMax]);
    const [first, second, ...others] = whole.counts;
    expect([first, second, others.at(-1)]).toEqual([
      [host(99_999), 40],
      [host(0), 1],
      [host(listedValuesMax - 2), 1],
    ]);
    const some = await index.markCounts(
      'domain',
      SequenceSet.of([1, 2, 3, 5, ...SequenceSet.below(40).minus(SequenceSet.below(10))]),
    );
    expect([some.counts.get(host(99_999)), some.counts.get(host(280)), some.counts.get(host(0))]).toEqual([
      34,
      1,
      undefined,
    ]);
    expect([some.counts.size, some.further]).toEqual([34 * 280 + 1, 0]);
  });
}
