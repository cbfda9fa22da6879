import { spawnSync } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { writeSampleMail } from '../../scripts/sample-mail/index.ts';
import { noise } from '../contract/blob-puts.ts';
import { describeVariant } from '../describe-variant.ts';
import { Muniment, type Ran } from '../muniment.ts';
import { recordedIn, sightingsIn } from '../recorded.ts';

/** One line that says what is wrong, one that says what to do; nothing of the program's inside. */
function expectOneClearLine(ran: Ran): void {
  const lines = ran.stderr.split('\n').filter((line) => line !== '');
  expect(lines.filter((line) => line.startsWith('muniment: '))).toHaveLength(1);
  expect(lines.join(' ')).toMatch(/space|full|room/u);
  expect(ran.stderr).not.toMatch(/unexpected|defect|\n\s+at /u);
}

/** A message that takes its place in storage and hardly any in the index. */
function withAttachment(index: number, bytes: number): string {
  const head = `From: a@example.org\r\nSubject: large ${index}\r\nMIME-Version: 1.0\r\n`;
  const text = `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nfillerword\r\n--b\r\n`;
  const file = 'Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n';
  return `${head}${text}${file}${noise(index, bytes).toString('base64')}\r\n--b--\r\n`;
}

describeVariant('tmpfs', 'an archive on a full disk, through the program', () => {
  let muniment: Muniment;
  let disk: string;

  beforeEach(async () => {
    muniment = await Muniment.make();
    disk = muniment.path('disk');
    await mkdir(disk);
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', disk], { encoding: 'utf8' }).stderr).toBe('');
  });
  afterEach(async () => {
    spawnSync('umount', ['-l', disk]);
    await muniment[Symbol.asyncDispose]();
  });

  test('fails in one clear line, loses nothing acknowledged, and goes on once there is space (invariant 11)', async () => {
    const archive = muniment.on(join(disk, 'archive'));
    const small = await writeSampleMail(muniment.path('small'));
    const large = muniment.path('large');
    await mkdir(large);
    for (let index = 0; index < 120; index++) {
      await writeFile(join(large, `${index}.eml`), withAttachment(index, 80_000));
    }
    await archive.ok('import', muniment.path('small'));
    const acknowledged = await recordedIn(archive.archive);

    for (let attempt = 0; attempt < 3; attempt++) {
      const refused = await archive.run('import', large);
      expect(refused.code).toBe(2);
      expectOneClearLine(refused);
      const now = await recordedIn(archive.archive);
      expect(now.leaves.slice(0, acknowledged.leaves.length)).toEqual(acknowledged.leaves);
    }

    expect(spawnSync('mount', ['-o', 'remount,size=64m', disk], { encoding: 'utf8' }).stderr).toBe('');
    const completed = (await archive.ok('import', large)).json[0] ?? {};
    expect(completed).toMatchObject({ found: 120, failed: 0 });
    expect(Number(completed['captured']) + Number(completed['alreadyArchived'])).toBe(120);
    const sightings = sightingsIn(await recordedIn(archive.archive));
    expect(sightings).toHaveLength(new Set(sightings).size);
    expect(sightings).toHaveLength(small.messages + 120);
    expect((await archive.ok('search', 'fillerword', '--count')).json[0]).toMatchObject({ total: 120, complete: true });
    expect((await archive.run('verify', '--full')).json).toEqual([expect.objectContaining({ findings: 0 })]);
  });

  test('an archive cannot be begun where there is no space at all, and is begun once there is', async () => {
    const archive = muniment.on(join(disk, 'archive'));
    await writeSampleMail(muniment.path('small'));
    const ballast = join(disk, 'ballast');
    for (let size = 4_194_304; size >= 512; size /= 2) {
      while (
        await writeFile(ballast, Buffer.alloc(size), { flag: 'a' }).then(
          () => true,
          () => false,
        )
      );
    }
    const refused = await archive.run('import', muniment.path('small'));
    expect(refused.code).toBe(2);
    expectOneClearLine(refused);
    await writeFile(ballast, '');
    await archive.ok('import', muniment.path('small'));
    expect((await archive.run('verify', '--full')).code).toBe(0);
  });

  test('a backup onto a full disk fails clearly, and a later one completes it', async () => {
    await writeSampleMail(muniment.path('small'));
    await muniment.ok('import', muniment.path('small'));
    await writeFile(join(disk, 'ballast'), Buffer.alloc(6_000_000));
    const to = join(disk, 'backup');
    const refused = await muniment.run('backup', '--to', `file:${to}`);
    expect(refused.code).toBe(2);
    expectOneClearLine(refused);
    await writeFile(join(disk, 'ballast'), '');
    await muniment.ok('backup', '--to', `file:${to}`);
    await muniment.on(muniment.path('restored')).ok('restore', '--from', `file:${to}`);
    expect(await readdir(disk)).toContain('backup');
  });
});
