import { expect, test } from '@jest/globals';
import { verify, type VerificationParts } from '#verification';
import { letter, TemporaryFolder, WholeArchive } from '../../whole-archive.ts';

async function codesOf(parts: VerificationParts): Promise<string[]> {
  const codes: string[] = [];
  for await (const { code } of verify(parts, { full: true })) codes.push(code);
  return codes;
}

test('verify does not expect of catalog and index what another process commits after they were brought up to the ledger', async () => {
  await using folder = await TemporaryFolder.make();
  await using archive = await WholeArchive.open(folder.path);
  await archive.capture([letter(1), letter(2)]);
  await archive.recorder.catchUp();
  const { ledgerStore, catalog, index, clock, recorder } = archive;
  const parts = { ledgerStore, archive: archive.archive, catalog, index, clock };
  const followed = catalog.position();
  await recorder.ledger.append([{ kind: 'read', actor: 'cli', what: 'raw', captures: [], aside: {} }]);
  expect(await codesOf({ ...parts, followed })).toEqual([]);
  expect(await codesOf(parts)).toEqual(['catalog-behind', 'index-behind']);
});
