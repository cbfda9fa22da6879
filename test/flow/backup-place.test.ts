import { expect, test } from '@jest/globals';
import { readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Muniment } from '../muniment.ts';

test.each(['', 'backup', 'ledger/deep/down'])(
  'a backup into the archive itself (%j) is refused, and begins nothing',
  async (place) => {
    await using muniment = await Muniment.make();
    await muniment.ok('matter', 'create', 'Sallow Ferry');
    const before = await readdir(muniment.archive, { recursive: true });
    const refused = await muniment.run('backup', '--to', `file:${join(muniment.archive, place)}`);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('lies in the archive itself');
    expect(await readdir(muniment.archive, { recursive: true })).toEqual(before);
  },
);

test('the same by way of a link', async () => {
  await using muniment = await Muniment.make();
  await muniment.ok('matter', 'create', 'Sallow Ferry');
  await symlink(join(muniment.archive, 'ledger'), muniment.path('elsewhere'));
  const refused = await muniment.run('backup', '--to', `file:${muniment.path('elsewhere', 'backup')}`);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('lies in the archive itself');
  expect(await readdir(join(muniment.archive, 'ledger'))).not.toContain('backup');
});

test('a folder whose name only begins like that of the archive is elsewhere', async () => {
  await using muniment = await Muniment.make();
  await muniment.ok('matter', 'create', 'Sallow Ferry');
  await muniment.ok('backup', '--to', `file:${muniment.archive}-backup`);
});
