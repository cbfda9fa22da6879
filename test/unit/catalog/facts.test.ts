import { describe, expect, test } from '@jest/globals';
import { Catalog, factsAsOf, factsOfMessage } from '#catalog';
import { asDigest, asSequence } from '#kernel';
import { nothingKnown } from '#search';
import { batchOf, capture, digest, foldedFrom, holdPlaced, sighting, timeAt } from './entries.ts';

const at = asSequence;

describe('facts', () => {
  test('who had a message is answered as of a sequence (invariant 22)', async () => {
    using catalog = await foldedFrom([capture('a', 1), capture('b', 2), sighting('a', 3), sighting('b', 4)]);
    const had = (asOf: number) => [...factsAsOf(catalog, asOf).custodian('ben')];
    expect([had(1), had(2), had(3)]).toEqual([[], [0], [0, 1]]);
    expect([...factsAsOf(catalog, 3).mailbox('inbox')]).toEqual([0, 1]);
    expect(catalog.sightings.ofMessage(at(0), 2)).toHaveLength(1);
    const also = [{ custodian: 'cy', mailbox: 'inbox', source: 'other' }];
    const digest = asDigest('a'.repeat(64));
    expect(factsOfMessage(catalog, { digest, sequence: at(0) }, also)).toMatchObject({
      custodians: ['ada', 'ben', 'cy'],
      mailboxes: ['inbox', 'sent'],
      digest,
    });
    expect(factsOfMessage(catalog, { digest })).toEqual({ ...nothingKnown, digest });
  });

  test('digest, source, time of arrival and holds are answered as of a sequence as well', async () => {
    const aside = { name: 'post', custodian: 'ada' };
    using catalog = await foldedFrom([
      { kind: 'source-changed', actor: 'cli', source: 'src', type: 'imap', action: 'added', aside },
      capture('a', 1, { source: 'other' }),
      capture('b', 2),
      holdPlaced('h', 'x'),
      { kind: 'hold-applied', hold: 'h', captures: [[at(1), at(2)]], count: 1, aside: {} },
      sighting('a', 3, { source: 'src', holds: ['h'] }),
      { kind: 'hold-released', actor: 'cli', hold: 'h', aside: { reason: 'over' } },
    ]);
    const facts = (asOf: number) => factsAsOf(catalog, asOf);
    expect([...facts(9).digest('aaaaaaaa')]).toEqual([1]);
    expect([...facts(0).digest('aaaaaaaa')]).toEqual([]);
    // By its name, whatever the case, and by its id.
    expect([1, 2, 5].map((asOf) => [...facts(asOf).source('POST')])).toEqual([[], [2], [1, 2]]);
    expect([...facts(5).source('sr*')]).toEqual([1, 2]);
    expect([3, 4, 5, 6].map((asOf) => [...facts(asOf).is('held')])).toEqual([[], [1], [1], []]);
    expect(factsOfMessage(catalog, { digest: digest('a'), sequence: at(1) })).toMatchObject({
      sources: expect.arrayContaining(['src', 'post']),
      receivedAt: timeAt(0),
      isHeld: false,
    });
  });

  test('what was received in a span of time is what the ledger has entries of then', async () => {
    using catalog = Catalog.open(':memory:');
    for (let first = 0; first < 4; first++) {
      await catalog.apply(batchOf(first, [capture('abcd'.charAt(first), first + 1)]));
    }
    const received = (value: string, asOf = 3) => [...factsAsOf(catalog, asOf).received(value)];
    const instant = (first: number, ms = 0) => new Date(timeAt(first) + ms).toISOString();
    expect(received(`${instant(1)}..${instant(2)}`)).toEqual([1, 2]);
    expect(received(`${instant(1, 1)}..`)).toEqual([2, 3]);
    expect(received(`..${instant(1, -1)}`)).toEqual([0]);
    expect(received('2026-01', 2)).toEqual([0, 1, 2]);
    expect(received('2027..')).toEqual([]);
    expect(received('..2025')).toEqual([]);
  });
});
