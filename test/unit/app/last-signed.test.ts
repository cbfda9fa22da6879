import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock as clock } from '#kernel';
import { Ledger } from '#ledger';
import { lastSigned } from '../../../services/app/cli/last-signed.ts';
import { Secrets } from '../../../services/app/secrets.ts';
import { FileSigner } from '../../../services/ledger/adapters/file-signer.ts';
import { FilesystemLedgerStore } from '../../../services/ledger/adapters/filesystem-ledger-store.ts';
import { TemporaryFolder } from '../../whole-archive.ts';

describe('what the signer signed last', () => {
  let folder: TemporaryFolder;
  let secrets: Secrets;
  let store: FilesystemLedgerStore;
  let notes: string[];

  beforeEach(async () => {
    folder = await TemporaryFolder.make();
    secrets = new Secrets(join(folder.path, 'secrets'));
    secrets.prepare();
    store = await FilesystemLedgerStore.open(join(folder.path, 'ledger'));
    notes = [];
    const signer = await FileSigner.create(secrets.path('signing-key.pem'));
    await using _ledger = await Ledger.create({ store, signer, clock, origin: 'example.org/a', actor: 'cli' });
    await signer.remember({ size: 1, root: 'ab'.repeat(32) });
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  function asked(from = secrets) {
    return lastSigned(from, { ledgerStore: store, clock }, { note: (text) => void notes.push(text) });
  }

  test('is known from beside the key, without a word', async () => {
    expect(await asked()).toEqual({ size: 1, root: 'ab'.repeat(32) });
    expect(notes).toEqual([]);
  });

  test('is not known without the secrets folder, which is noted once', async () => {
    expect(await asked(new Secrets(join(folder.path, 'elsewhere')))).toBeUndefined();
    expect(notes).toEqual([expect.stringMatching(/could not be compared .*there is no signing key/u)]);
  });

  test.each([true, false])('is not known by a foreign key, which is noted once (its own record: %s)', async (own) => {
    const file = secrets.path('signing-key.pem');
    await rm(file);
    const foreign = await FileSigner.create(file);
    if (own) await foreign.remember({ size: 9, root: 'cd'.repeat(32) });
    expect(await asked()).toBeUndefined();
    expect(notes).toEqual([expect.stringMatching(/could not be compared .*is not the ledger's/u)]);
  });

  test.each(['signing-key.pem', 'signing-key.pem.state.json'])('a damaged %s is a fault, not a note', async (name) => {
    secrets.write(name, 'damaged');
    await expect(asked()).rejects.toMatchObject({ code: 'damaged' });
    expect(notes).toEqual([]);
  });

  test('is not known where its record is gone, which is noted once', async () => {
    await rm(secrets.path('signing-key.pem.state.json'));
    expect(await asked()).toBeUndefined();
    expect(notes).toEqual([expect.stringContaining('no record')]);
  });
});
