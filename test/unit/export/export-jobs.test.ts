import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import { Exporter, ExportJobs } from '#export';
import { digestOf } from '#kernel';
import { InProcessQueue } from '../../../services/jobs/adapters/in-process-queue.ts';
import { letter, TemporaryFolder } from '../../whole-archive.ts';
import { openArchive, type TestArchive } from './export-archive.ts';

/** Something happens once the last byte is written. */
class Interrupted extends Exporter {
  after = async () => {};

  override async export(...given: Parameters<Exporter['export']>): ReturnType<Exporter['export']> {
    const summary = await super.export(...given);
    await this.after();
    return summary;
  }
}

let archive: TestArchive;
let folder: TemporaryFolder;
beforeEach(async () => {
  archive = await openArchive();
  folder = await TemporaryFolder.make();
  for (const number of [1, 2]) await archive.add(letter(number));
});
afterEach(async () => {
  await archive[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

test('a copy that was being made while something was disposed of is not kept (invariant 17)', async () => {
  const { catalog, disposition, index, recorder, stores, truth } = archive;
  const exporter = new Interrupted({ recorder, truth, archive: stores.archive, index });
  await using queue = new InProcessQueue({ clock: stores.clock });
  await using jobs = new ExportJobs({ exporter, catalog, queue, clock: stores.clock, folder: folder.path });
  const whole = await jobs.begin({ selection: { all: true }, format: 'eml' }, 'test');
  await queue.drain();
  expect(jobs.get(whole.id).state).toBe('done');
  exporter.after = async () => {
    const message = catalog.messages.byDigest(digestOf(letter(1)));
    if (message !== undefined) await disposition.dispose(message, 'asked for', 'test');
  };
  const raced = await jobs.begin({ selection: { all: true }, format: 'eml' }, 'test');
  await queue.drain();
  expect(jobs.get(raced.id)).toMatchObject({ state: 'failed', error: expect.stringContaining('disposed of') });
  await jobs.discardFinished();
  expect(await readdir(folder.path)).toEqual([]);
});
