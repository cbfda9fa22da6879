import { expect, test } from '@jest/globals';
import { cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { digestOf } from '#kernel';
import { Muniment } from '../muniment.ts';
import { letter } from '../whole-archive.ts';

const adopting = ['restore', '--adopt', '--reason', 'the first machine burned'] as const;

/** An archive whose secrets lie elsewhere, as README.md advises, its backup, and what was restored from that. */
async function restored() {
  const muniment = await Muniment.make();
  const secrets = muniment.path('secrets');
  const first = muniment.on(muniment.path('first'), { SECRETS_DIR: secrets });
  const second = muniment.on(muniment.path('second'), { SECRETS_DIR: secrets });
  await mkdir(muniment.path('mail', 'ada'), { recursive: true });
  await writeFile(muniment.path('mail', 'ada', '1.eml'), letter(1));
  await first.ok('import', muniment.path('mail'));
  await first.ok('backup', '--to', `file:${muniment.path('backup')}`);
  await second.ok('restore', '--from', `file:${muniment.path('backup')}`);
  return { muniment, first, second, secrets };
}

test('a restored archive does not take the key from one that may still be in use', async () => {
  const { first, muniment, second, secrets } = await restored();
  await using _muniment = muniment;
  const before = await readdir(secrets);
  const refused = await second.run(...adopting);
  expect([refused.code, refused.json[0]?.['error']]).toEqual([2, 'key-in-use']);
  expect(refused.stderr).toContain('--retire-key');
  expect(await readdir(secrets)).toEqual(before);
  await first.ok('matter', 'create', 'goes on');
  const elsewhere = second.on(second.archive, { SECRETS_DIR: muniment.path('other-secrets') });
  await elsewhere.ok(...adopting);
  await elsewhere.ok('search', 'letter');
  for (const one of [first, elsewhere]) await one.ok('verify', '--full');
});

test.each(['nowhere', 'after what it remembers was moved', 'after the key was moved'])(
  'with --retire-key it takes over, also when it was interrupted: %s',
  async (where) => {
    const { first, muniment, second, secrets } = await restored();
    await using _muniment = muniment;
    const key = `${secrets}/signing-key.pem`;
    await cp(secrets, muniment.path('secrets-before'), { recursive: true });
    if (where !== 'nowhere')
      await rename(`${key}.state.json`, `${secrets}/signing-key.before-epoch-1-x.pem.state.json`);
    if (where === 'after the key was moved') await rename(key, `${secrets}/signing-key.before-epoch-1-x.pem`);
    const adopted = await second.ok(...adopting, '--retire-key');
    expect(adopted.json[0]).toMatchObject({ epoch: 1 });
    expect((await readdir(secrets)).filter((name) => /before-epoch-1-.*\.pem$/u.test(name))).toHaveLength(1);
    await second.ok('search', 'letter');
    await second.ok('verify', '--full');
    const cut = await first.run('matter', 'create', 'too late');
    expect(cut.code).toBe(2);
    // With its key put back the first archive is as it was.
    const put = first.on(first.archive, { SECRETS_DIR: muniment.path('secrets-before') });
    await put.ok('matter', 'create', 'in time');
    await put.ok('verify', '--full');
  },
);

test('what a backup lacks, and what its ledger lacks, is said by each restore, and no full success', async () => {
  const { first, muniment } = await restored();
  await using _muniment = muniment;
  const backup = muniment.path('backup');
  const ledger = `${backup}/ledger`;
  const batches = (await readdir(ledger)).filter((name) => /^[0-9a-f]{16}$/u.test(name)).sort();
  for (const name of batches.slice(1)) await rm(`${ledger}/${name}`);
  const cutOff = await first.on(muniment.path('third')).run('restore', '--from', `file:${backup}`);
  expect(cutOff).toMatchObject({ code: 1, json: [{ messages: 1, missing: [], unrecorded: 1 }] });
  expect(cutOff.stderr).toContain('its ledger does not name 1 message');
  await first.ok('backup', '--to', `file:${backup}`);
  for (const name of ['archive', 'storage.id']) await rm(`${backup}/${name}`, { recursive: true });
  const lacking = await first.on(muniment.path('fourth')).run('restore', '--from', `file:${backup}`);
  expect(lacking).toMatchObject({ code: 1, json: [{ messages: 0, missing: [digestOf(letter(1))], unrecorded: 0 }] });
});

test('a backup is not restored into itself', async () => {
  const { first, muniment } = await restored();
  await using _muniment = muniment;
  const backup = muniment.path('backup');
  for (const place of [backup, `${backup}/below`]) {
    const refused = await first.on(place).run('restore', '--from', `file:${backup}`);
    expect([refused.code, refused.json[0]?.['error']]).toEqual([2, 'configuration-invalid']);
    expect(refused.stderr).toContain('lies in the backup itself');
  }
});
