import { expect, test } from '@jest/globals';
import { letter, STARTED_AT, TemporaryFolder, WholeArchive } from '../../whole-archive.ts';

const day = 86_400_000;

test('what one schedule promised stays promised under each later one, and only for what it covered', async () => {
  await using folder = await TemporaryFolder.make();
  await using archive = await WholeArchive.open(folder.path);
  const { retention, clock } = archive;
  await archive.capture([letter(1)]);
  expect(retention.promisedUntil()).toBeNull();
  await retention.setDefault('10d', 'cli');
  expect(retention.promisedUntil()).toBe(STARTED_AT + 10 * day);
  await retention.setDefault('none', 'cli');
  clock.advance(day);
  await archive.capture([letter(2)]);
  expect(retention.promisedUntil()).toBe(STARTED_AT + 10 * day);
  await retention.setDefault('1d', 'cli');
  expect(retention.promisedUntil()).toBe(STARTED_AT + 10 * day);
  const kept = await archive.archive.stat(archive.message(letter(1)));
  expect(kept?.lock.retainUntil).toBe(retention.promisedUntil());
});

test('what is gone has no promise left', async () => {
  await using folder = await TemporaryFolder.make();
  await using archive = await WholeArchive.open(folder.path);
  await archive.capture([letter(1)]);
  await archive.disposition.dispose(archive.message(letter(1)), 'junk', 'cli');
  await archive.retention.setDefault('7y', 'cli');
  expect(archive.retention.promisedUntil()).toBeNull();
});
