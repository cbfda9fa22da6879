import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Tokens } from '#identity';
import { messageOf } from '#kernel';
import { Secrets } from '../../../services/app/secrets.ts';
import { TokenFile } from '../../../services/app/token-file.ts';
import { filesWith, TemporaryFolder, WholeArchive } from '../../whole-archive.ts';

describe('the bearer token', () => {
  let folder: TemporaryFolder;
  let archive: WholeArchive;
  let secrets: Secrets;
  let tokens: Tokens;

  beforeEach(async () => {
    folder = await TemporaryFolder.make();
    archive = await WholeArchive.open(join(folder.path, 'archive'));
    secrets = new Secrets(join(folder.path, 'secrets'));
    tokens = new Tokens(archive.recorder, new TokenFile(secrets));
  });

  afterEach(async () => {
    await archive[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  test('does not exist before it is made, and nothing passes for it', () => {
    expect(tokens.exists).toBe(false);
    for (const guess of ['', 'mun_', 'undefined', '0'.repeat(64)]) expect(tokens.actorOf(guess)).toBeUndefined();
  });

  test('is known after a restart; the one before is not', async () => {
    const first = await tokens.rotate('cli');
    const second = await tokens.rotate('cli');
    expect(first).not.toBe(second);
    const later = new Tokens(archive.recorder, new TokenFile(new Secrets(join(folder.path, 'secrets'))));
    expect(later.actorOf(second)).toMatch(/^token-[0-9a-f]{32}$/u);
    expect(later.actorOf(first)).toBeUndefined();
    expect(later.actorOf(`${second} `)).toBeUndefined();
    expect(later.actorOf(second.toLowerCase())).toBeUndefined();
  });

  test('its making is in the ledger; neither it nor its hash is anywhere but in its file', async () => {
    const token = await tokens.rotate('cli');
    const { ledger } = archive.recorder;
    expect(await ledger.entry(ledger.head.size - 1)).toMatchObject({ kind: 'token-rotated', actor: 'cli' });
    const { sha256 } = JSON.parse(await readFile(secrets.path('token.json'), 'utf8')) as { sha256: string };
    expect(await filesWith(folder.path, token)).toEqual([]);
    expect(await filesWith(folder.path, sha256)).toEqual([secrets.path('token.json')]);
  });

  test('a damaged file lets nobody in, and is not quoted', async () => {
    const token = await tokens.rotate('cli');
    for (const text of ['', '{', '{"id":"planted"}', JSON.stringify({ id: 'planted', sha256: 'short' })]) {
      await writeFile(secrets.path('token.json'), text);
      const thrown = catching(() => tokens.actorOf(token));
      expect(thrown).toMatchObject({ code: 'secret-damaged', remedy: expect.stringContaining('token rotate') });
      expect(messageOf(thrown)).not.toContain('planted');
    }
    expect(tokens.actorOf(await tokens.rotate('cli'))).toBeDefined();
  });
});

function catching(action: () => unknown): unknown {
  try {
    return action();
  } catch (thrown) {
    return thrown;
  }
}
