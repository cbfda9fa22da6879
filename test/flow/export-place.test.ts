import { expect, test } from '@jest/globals';
import { readdir, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Muniment } from '../muniment.ts';

test('an export into the archive itself is refused, by whatever way, and begins nothing', async () => {
  await using muniment = await Muniment.make();
  await muniment.ok('matter', 'create', 'Sallow Ferry');
  await symlink(join(muniment.archive, 'ledger'), muniment.path('elsewhere'));
  const within = ['', 'exp', 'ledger/exp', 'archive/segments/e.zip', 'derived/deep/down'];
  const places = [...within.map((place) => join(muniment.archive, place)), muniment.path('elsewhere', 'exp')];
  const before = await readdir(muniment.archive, { recursive: true });
  for (const place of places) {
    const refused = await muniment.run('export', '--all', '--out', place);
    expect([place, refused.code]).toEqual([place, 2]);
    expect(refused.stderr).toContain('lies in the archive itself');
  }
  expect(await readdir(muniment.archive, { recursive: true })).toEqual(before);
  expect(await muniment.ok('verify')).toMatchObject({ code: 0 });
});

test('a folder of the archive that is a link to another disk is the archive too', async () => {
  await using muniment = await Muniment.make();
  await muniment.ok('matter', 'create', 'Sallow Ferry');
  await rename(join(muniment.archive, 'derived'), muniment.path('disk'));
  await symlink(muniment.path('disk'), join(muniment.archive, 'derived'));
  for (const words of [
    ['export', '--all', '--out', muniment.path('disk', 'exp')],
    ['backup', '--to', `file:${muniment.path('disk', 'backup')}`],
  ]) {
    const refused = await muniment.run(...words);
    expect([words[0], refused.code]).toEqual([words[0], 2]);
    expect(refused.stderr).toContain('lies in the archive itself');
  }
});
