import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeVariant } from '../describe-variant.ts';
import { mail, openArchive } from '../unit/export/export-archive.ts';

describeVariant('tmpfs', 'an export to a full disk', () => {
  let disk: string;

  beforeEach(async () => {
    disk = await mkdtemp(join(tmpdir(), 'muniment-full-disk-'));
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', disk], { encoding: 'utf8' });
    expect(mounted.stderr).toBe('');
  });
  afterEach(async () => {
    spawnSync('umount', ['-l', disk]);
    await rm(disk, { recursive: true, force: true });
  });

  test.each([
    ['folder', 'eml'],
    ['folder', 'mbox'],
    ['file.zip', 'eml'],
    ['file.zip', 'mbox'],
  ] as const)('says so and leaves nothing behind (%s, %s)', async (name, format) => {
    await using archive = await openArchive();
    await archive.add(mail('small', 'x'));
    await archive.add(mail('large', 'x'.repeat(500_000)));
    const order = { selection: { all: true as const }, out: join(disk, name), format };
    await expect(archive.exporter.export(order, 'test')).rejects.toMatchObject({
      code: 'disk-full',
      remedy: expect.stringContaining('Make room'),
    });
    expect(await readdir(disk)).toEqual([]);
  });
});
