import { beforeEach, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { alter, letter, TemporaryFolder, WholeArchive } from '../../whole-archive.ts';

/** What somebody who has the derived files may write there, to have a message destroyed that a hold covers. */
const alterations: Readonly<Record<string, string>> = {
  "its sighting is another message's": 'update sighting set message = message + 1 where message = $message',
  'its sighting is gone': 'delete from sighting where message = $message',
  'its place is another': "update place set custodian = 'eve' where custodian = 'ada'; delete from hold_match",
  'the match is gone': 'delete from hold_match',
  'match and sighting are gone': 'delete from hold_match; delete from sighting where message = $message',
  'the hold is gone': 'delete from hold; delete from hold_match',
  'the hold is released': 'update hold set released = 1, released_by = 1',
  'the hold is about others': "update hold set query = 'custodian:eve'; delete from hold_match",
  'an order was given': "insert into disposing values ('disposal-0', 9, $message, 'r', 1, null)",
  'it has the bytes of another': `create temp table other as select digest from message where sequence = $message + 1;
    update message set digest = zeroblob(32) where sequence = $message + 1;
    update message set digest = (select digest from other) where sequence = $message;`,
};

describe('a message that the ledger says is held is not destroyed, whatever the catalog says', () => {
  let folder: TemporaryFolder;
  const held = letter(1);

  beforeEach(async () => {
    folder = await TemporaryFolder.make();
    await using archive = await WholeArchive.open(folder.path);
    await archive.capture([held], 'ada');
    await archive.capture([letter(2)], 'ben');
    const matter = await archive.matters.create({ name: 'harbour', description: '' }, 'cli');
    await archive.holds.place({ matter: matter.id, query: 'custodian:ada', reason: 'claim' }, 'cli');
    // The third guard, storage, is out of the way: each has to be enough alone.
    await archive.archive.setLegalHolds([archive.message(held)], false);
    await archive.recorder.idle();
  });

  test.each(Object.entries(alterations))('%s', async (_what, sql) => {
    const message = await asArchived(folder.path);
    const file = join(folder.path, 'derived', 'catalog.sqlite');
    alter(file, sql.replaceAll('$message', String(message.sequence)));
    await using archive = await WholeArchive.open(folder.path);
    expect(await archive.disposition.finish().catch(() => 0)).toBe(0);
    await expect(archive.disposition.dispose(message, 'expired', 'cli')).rejects.toMatchObject({ code: 'held' });
    expect(await archive.archive.stat(message)).toBeDefined();
    await folder[Symbol.asyncDispose]();
  });

  test('nor when it is changed while the archive is open', async () => {
    await using archive = await WholeArchive.open(folder.path);
    const message = archive.message(held);
    await expect(archive.disposition.dispose(message, 'expired', 'cli')).rejects.toMatchObject({ code: 'held' });
    alter(join(folder.path, 'derived', 'catalog.sqlite'), 'delete from hold_match; delete from sighting');
    await expect(archive.disposition.dispose(message, 'expired', 'cli')).rejects.toMatchObject({ code: 'held' });
    await folder[Symbol.asyncDispose]();
  });
});

describe('what cannot be judged is held', () => {
  test('a message of which it was erased where it was seen', async () => {
    await using folder = await TemporaryFolder.make();
    await using archive = await WholeArchive.open(folder.path);
    await archive.capture([letter(1), letter(2)], 'ada');
    const message = archive.message(letter(1));
    const matter = await archive.matters.create({ name: 'harbour', description: '' }, 'cli');
    await archive.holds.place({ matter: matter.id, query: 'custodian:eve', reason: 'claim' }, 'cli');
    await archive.recorder.ledger.eraseAsides(archive.catalog.sightings.entriesOf(message.sequence));
    await using again = await WholeArchive.open(folder.path);
    await expect(again.disposition.dispose(message, 'expired', 'cli')).rejects.toMatchObject({ code: 'held' });
    await again.disposition.dispose(archive.message(letter(2)), 'expired', 'cli');
  });
});

async function asArchived(root: string) {
  await using archive = await WholeArchive.open(root);
  return archive.message(letter(1));
}
