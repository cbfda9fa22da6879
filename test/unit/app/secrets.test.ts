import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { messageOf } from '#kernel';
import { Secrets } from '../../../services/app/secrets.ts';
import { TemporaryFolder } from '../../whole-archive.ts';

const password = 'correct horse ⚡ battery';

describe('secrets', () => {
  let folder: TemporaryFolder;
  let secrets: Secrets;

  beforeEach(async () => {
    folder = await TemporaryFolder.make();
    secrets = new Secrets(join(folder.path, 'secrets'));
  });

  afterEach(() => folder[Symbol.asyncDispose]());

  test('a password comes back for its source, also to the next process', () => {
    secrets.seal('one', password);
    secrets.seal('two', 'another');
    secrets.seal('one', 'changed');
    const later = new Secrets(join(folder.path, 'secrets'));
    expect([later.unseal('one'), later.unseal('two')]).toEqual(['changed', 'another']);
  });

  test('looking for one makes no folder: a mistyped SECRETS_DIR leaves no trace', async () => {
    expect(secrets.read('seal-key')).toBeUndefined();
    await expect(stat(join(folder.path, 'secrets'))).rejects.toThrow('ENOENT');
  });

  test('only their owner reads them, and no file holds one in clear (invariant 34)', async () => {
    secrets.seal('one', password);
    expect((await stat(join(folder.path, 'secrets'))).mode & 0o077).toBe(0);
    for (const name of ['passwords.json', 'seal-key']) {
      expect((await stat(secrets.path(name))).mode & 0o077).toBe(0);
      expect(await readFile(secrets.path(name), 'utf8')).not.toContain('horse');
    }
  });

  test('equal passwords do not look equal', async () => {
    secrets.seal('one', password);
    secrets.seal('two', password);
    const { one, two } = JSON.parse(await readFile(secrets.path('passwords.json'), 'utf8')) as Record<string, object>;
    expect(one).not.toEqual(two);
    expect(Object.values(one ?? {})).not.toContain(Object.values(two ?? {})[2]);
  });

  test('a sealed password moved to another source is refused', async () => {
    secrets.seal('one', password);
    const text = await readFile(secrets.path('passwords.json'), 'utf8');
    await writeFile(secrets.path('passwords.json'), text.replace('"one"', '"two"'));
    expectDamaged(() => secrets.unseal('two'));
    expectDamaged(() => secrets.unseal('one'));
  });

  test('with any byte changed, it is refused loudly, without quoting anything', async () => {
    secrets.seal('one', password);
    for (const name of ['passwords.json', 'seal-key']) {
      const bytes = await readFile(secrets.path(name));
      for (let at = 0; at < bytes.length; at++) {
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ 0x02;
        await writeFile(secrets.path(name), flipped);
        const opened = unsealed();
        // White space between the members is the only thing that does not matter.
        if (opened !== undefined) expect([name, String.fromCodePoint(bytes[at] ?? 0).trim()]).toEqual([name, '']);
      }
      await writeFile(secrets.path(name), bytes);
    }
    expect(secrets.unseal('one')).toBe(password);
  });

  test('with the tag cut short, it is refused', async () => {
    secrets.seal('one', password);
    const file = JSON.parse(await readFile(secrets.path('passwords.json'), 'utf8')) as Record<string, { tag: string }>;
    const tag = Buffer.from(file['one']?.tag ?? '', 'base64')
      .subarray(0, 4)
      .toString('base64');
    await writeFile(secrets.path('passwords.json'), JSON.stringify({ one: { ...file['one'], tag } }));
    expectDamaged(() => secrets.unseal('one'));
  });

  test('a lost seal key is noticed, not replaced', async () => {
    secrets.seal('one', password);
    await rm(secrets.path('seal-key'));
    expectDamaged(() => secrets.unseal('one'));
    expect(secrets.read('seal-key')).toBeUndefined();
  });

  /** The password, or undefined when it was refused as it should be. */
  function unsealed(): string | undefined {
    try {
      const opened = secrets.unseal('one');
      expect(opened).toBe(password);
      return opened;
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: 'secret-damaged' });
      expect(messageOf(thrown)).not.toMatch(/horse|[A-Za-z0-9+/]{16}/u);
      return undefined;
    }
  }
});

function expectDamaged(action: () => unknown): void {
  expect(action).toThrow(expect.objectContaining({ code: 'secret-damaged' }));
}
