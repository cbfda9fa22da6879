import { expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { archiveFolder, prepareFolder } from '../../../services/app/archive-folder.ts';
import { TemporaryFolder } from '../../whole-archive.ts';

test('the folders of an archive are made with those above it, and are for their owner alone', async () => {
  await using temporary = await TemporaryFolder.make();
  const folder = archiveFolder(join(temporary.path, 'a', 'b', 'archive'));
  prepareFolder(folder);
  prepareFolder(folder);
  for (const path of [folder.root, folder.record, folder.ledger, folder.derived, folder.run])
    expect((await stat(path)).mode & 0o777).toBe(0o700);
});

test('a place that takes no folder is an error, and not waited for', () => {
  const place = existsSync('/proc/self') ? '/proc/muniment/archive' : '/dev/null/archive';
  expect(() => prepareFolder(archiveFolder(place))).toThrow(/ENOENT|ENOTDIR/u);
});
