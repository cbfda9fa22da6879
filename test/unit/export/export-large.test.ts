import { describe, expect, test } from '@jest/globals';
import { digestOf } from '#kernel';
import { ArchiveFault } from '#archive';
import { join } from 'node:path';
import { mail, openArchive } from './export-archive.ts';
import { filesIn, linesOf, run, sha256sumAccepts, temporaryFolder } from './export-files.ts';

const large = mail('large', 'From here\r\n'.repeat(1_600_000));

describe('a message that is too large for memory', () => {
  test('is exported byte for byte in every form', async () => {
    await using archive = await openArchive();
    await using place = await temporaryFolder();
    await archive.add(large);
    const asOf = archive.newest;
    for (const [out, format] of [['eml', 'eml'] as const, ['eml.zip', 'eml'] as const, ['mbox', 'mbox'] as const]) {
      const order = { selection: { all: true as const }, out: join(place.path, out), format, asOf };
      expect(await archive.exporter.export(order, 'test')).toMatchObject({ exported: 1, bytes: large.length });
    }
    expect(sha256sumAccepts(join(place.path, 'eml'))).toBe(true);
    const [line] = await linesOf(join(place.path, 'eml', 'manifest.jsonl'));
    expect(line).toMatchObject({ digest: digestOf(large), date: '2026-11-02T08:30:00.000Z' });
    expect(run(place.path, 'unzip -q eml.zip -d unzipped && diff -r eml unzipped')).toEqual({ status: 0, output: '' });
    const [quoted] = await linesOf(join(place.path, 'mbox', 'manifest.jsonl'));
    const cut = `tail -c +${Number(quoted?.['offset']) + 1} messages.mbox | head -c ${String(quoted?.['length'])}`;
    const { output } = run(join(place.path, 'mbox'), `${cut} | LC_ALL=C sed 's/^>\\(>*From \\)/\\1/' | sha256sum`);
    expect(output).toBe(`${digestOf(large)}  -\n`);
  });

  test('is an exception when it is damaged, and leaves no piece of itself', async () => {
    await using archive = await openArchive();
    await using place = await temporaryFolder();
    await archive.add(large);
    await archive.add(mail('small', 'sound'));
    archive.stores.archive.stream = async function* () {
      yield large.subarray(0, 1000);
      throw new ArchiveFault('damaged', 'damaged', { remedy: '' });
    };
    const order = { selection: { all: true as const }, out: join(place.path, 'out'), format: 'eml' as const };
    expect(await archive.exporter.export(order, 'test')).toMatchObject({ exported: 1, exceptions: 1 });
    const names = [...(await filesIn(order.out)).keys()].filter((name) => name.startsWith('messages/'));
    expect(names).toHaveLength(1);
    expect(sha256sumAccepts(order.out)).toBe(true);
  });
});
