import { expect, test } from '@jest/globals';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Muniment } from '../muniment.ts';
import { letter } from '../whole-archive.ts';

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

test.each(['auto', 'eml'])(
  'an import that comes by the archive, its key or a backup takes mail alone: %s',
  async (format) => {
    await using muniment = await Muniment.make();
    const secrets = muniment.path('keys');
    const here = muniment.on(muniment.archive, { SECRETS_DIR: secrets });
    await mkdir(muniment.path('ada'));
    await writeFile(muniment.path('ada', '1.eml'), letter(1));
    const importing = ['import', '.', '--format', format] as const;
    const own = { found: 1, failed: 0, ignored: 2 };
    expect((await here.ok(...importing)).json[0]).toMatchObject({ ...own, captured: 1, custodians: { ada: 1 } });
    expect((await here.ok(...importing)).json[0]).toMatchObject({ ...own, alreadyArchived: 1 });
    await here.ok('backup', '--to', `file:${muniment.path('backup')}`);
    const beside = await here.run(...importing);
    expect([beside.code, beside.json[0]]).toEqual([
      1,
      expect.objectContaining({ found: 2, alreadyArchived: 1, failed: 1 }),
    ]);
    expect(beside.stderr).toContain('failed: backup: an archive or a backup of Muniment');
    for (const place of [secrets, join(muniment.archive, 'ledger'), muniment.path('backup', 'archive')]) {
      const refused = await here.run('import', place);
      expect([refused.code, refused.json[0]?.['error']]).toEqual([2, 'path-not-mail']);
    }
  },
);
