import { expect, test } from '@jest/globals';
import { TemporaryFolder, WholeArchive } from '../../whole-archive.ts';

test.each([
  'is:held',
  'heron OR NOT received:2026',
  'sent-or-received:2026',
  'thread:01234567',
  'heron NOT is:duplicate',
  'heron OR fingerprint:00000000000000000000000000000000',
])('a hold by %s is refused, and nothing is recorded: it would be on other messages tomorrow', async (query) => {
  await using folder = await TemporaryFolder.make();
  await using archive = await WholeArchive.open(folder.path);
  const { name: matter } = await archive.matters.create({ name: 'ferry', description: '' }, 'cli');
  const { size } = archive.recorder.ledger.head;
  const placed = archive.holds.place({ matter, query, reason: 'claim' }, 'cli');
  await expect(placed).rejects.toMatchObject({ code: 'hold-query-moves' });
  expect(archive.recorder.ledger.head.size).toBe(size);
});
