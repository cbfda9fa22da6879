import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SeparateCatalog } from '#catalog';
import { Exporter, type ExportSelection } from '#export';
import { asSequence, Fault } from '#kernel';
import { type SearchIndex, SequenceSet } from '#search';
import { alter, letter, TemporaryFolder, WholeArchive } from '../../whole-archive.ts';
import { filesIn, linesOf } from './export-files.ts';

/** What somebody who has the derived files may write there, to have an export say it under a valid signature. */
const alterations: Readonly<Record<string, string>> = {
  'the custodian is another': "update place set custodian = 'mallory' where custodian = 'ada'",
  'the mailbox is another': "update place set mailbox = 'elsewhere'",
  'it was captured at another time': 'update message set captured = captured + 86400000',
  'it has another size': 'update message set size = size + 1',
  'it has flags': "update message set flags = 'encrypted'",
  'a message is gone': 'delete from message where sequence = $message; delete from sighting where message = $message',
  'a message was disposed of': 'update message set state = 2 where sequence = $message',
  'an order was given': "insert into disposing values ('disposal-0', 2, $message, 'r', 1, null)",
  'it was seen at another time': 'update sighting set seen = seen + 86400000',
  'the sighting of one is of another': 'update sighting set message = message + 1 where message = $message',
  'a sighting is gone': 'delete from sighting where message = $message',
  'the match is gone': 'delete from hold_match',
  'the hold is about others': "update hold set query = 'custodian:eve'; delete from hold_match",
};

const selections: Readonly<Record<string, ExportSelection>> = {
  everything: { all: true },
  'a matter': { matter: 'harbour' },
  'a query': { query: 'custodian:ada OR custodian:ben' },
};

const first = letter(1);

describe('an export says what the ledger says, whatever the catalog says', () => {
  let folder: TemporaryFolder;
  let asOf: number;
  let message: number;
  let runs = 0;

  beforeEach(async () => {
    folder = await TemporaryFolder.make();
    await using archive = await WholeArchive.open(folder.path);
    await archive.capture([first, letter(2)], 'ada');
    await archive.capture([letter(3)], 'ben');
    await archive.capture([letter(2)], 'ben');
    const matter = await archive.matters.create({ name: 'harbour', description: '' }, 'cli');
    await archive.holds.place({ matter: matter.id, query: 'custodian:ada', reason: 'claim' }, 'cli');
    asOf = archive.recorder.ledger.head.size - 1;
    message = archive.message(first).sequence;
    await archive.recorder.idle();
  });

  afterEach(() => folder[Symbol.asyncDispose]());

  async function everyExport(archive: WholeArchive): Promise<Map<string, string>> {
    const all = new Map<string, string>();
    for (const [name, selection] of Object.entries(selections)) {
      for (const ends of ['', '.zip']) {
        const out = join(folder.path, `export-${runs++}${ends}`);
        await archive.exporter.export({ selection, out, format: 'eml', asOf }, 'cli');
        all.set(`${name}${ends}`, await contentOf(out));
      }
    }
    return all;
  }

  test.each(Object.entries(alterations))('%s', async (_what, sql) => {
    const before = await within(everyExport);
    alter(join(folder.path, 'derived', 'catalog.sqlite'), sql.replaceAll('$message', String(message)));
    expect(await within(everyExport)).toEqual(before);
  });

  test('nor what was changed while the archive was open', async () => {
    await using archive = await WholeArchive.open(folder.path);
    const before = await everyExport(archive);
    alter(join(folder.path, 'derived', 'catalog.sqlite'), alterations['the custodian is another'] ?? '');
    expect(await everyExport(archive)).toEqual(before);
  });

  test('what is said of everything is what was captured', async () => {
    alter(
      join(folder.path, 'derived', 'catalog.sqlite'),
      "update place set custodian = 'mallory' where custodian = 'ada'",
    );
    await using archive = await WholeArchive.open(folder.path);
    const out = join(folder.path, 'out');
    const summary = await archive.exporter.export({ selection: { all: true }, out, format: 'eml' }, 'cli');
    expect(summary).toMatchObject({ asOf, selected: 3, exported: 3, exceptions: 0 });
    const custodians = (await linesOf(join(out, 'manifest.jsonl'))).map((line) => line['custodians']);
    expect(custodians).toEqual([['ada'], ['ada', 'ben'], ['ben']]);
  });

  describe('is refused', () => {
    test('where the index has a message that the ledger has not', async () => {
      await using archive = await WholeArchive.open(folder.path);
      const select: SearchIndex['select'] = async (request) => {
        const answer = await archive.index.select(request);
        return { ...answer, sequences: answer.sequences.or(SequenceSet.of([asSequence(0)])) };
      };
      const index = new Proxy<SearchIndex>(archive.index, {
        get: (target, name) => (name === 'select' ? select : Reflect.get(target, name)),
      });
      using truth = new SeparateCatalog(archive.recorder.ledger);
      const exporter = new Exporter({ recorder: archive.recorder, archive: archive.archive, truth, index });
      const out = join(folder.path, 'out');
      const exporting = exporter.export({ selection: { query: 'harbour' }, out, format: 'eml' }, 'cli');
      await expect(exporting).rejects.toMatchObject({ code: 'catalog-differs' });
      expect(archive.recorder.ledger.head.size - 1).toBe(asOf);
    });

    test('where the catalog says that a sound message could not be read', async () => {
      alter(join(folder.path, 'derived', 'catalog.sqlite'), 'insert into unread select sequence from message');
      expect(await exported({ matter: 'harbour' })).toBe('catalog-differs');
      expect(await exported({ all: true })).toBe('exported');
    });
  });

  async function exported(selection: ExportSelection): Promise<string> {
    return within(async (archive) => {
      const out = join(folder.path, `export-${runs++}`);
      const done = archive.exporter.export({ selection, out, format: 'eml', asOf }, 'cli');
      return done.then(
        () => 'exported',
        (thrown: unknown) => (thrown instanceof Fault ? thrown.code : String(thrown)),
      );
    });
  }

  async function within<T>(work: (archive: WholeArchive) => Promise<T>): Promise<T> {
    await using archive = await WholeArchive.open(folder.path);
    const done = await work(archive);
    await archive.recorder.idle();
    return done;
  }
});

async function contentOf(out: string): Promise<string> {
  if (out.endsWith('.zip')) return hash('sha256', readFileSync(out));
  const files = await filesIn(out);
  return [...files].map(([name, bytes]) => `${name} ${hash('sha256', bytes)}`).join('\n');
}
