import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, truncateSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { asSequence, digestOf } from '#kernel';
import { parseQuery } from '#search';
import { EmbeddedIndex } from '../../../services/search/adapters/embedded-index.ts';
import { captured, documentOf, noFacts } from '../../contract/search-document.ts';
import { alter } from '../../whole-archive.ts';

async function find(index: EmbeddedIndex, query: string): Promise<number[]> {
  return [...(await index.select({ query: parseQuery(query), facts: noFacts })).sequences];
}

describe('the file of the embedded index', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'muniment-search-'));
    file = join(folder, 'search.sqlite');
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const contains = (text: string): boolean =>
    readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes(text));

  test('what was applied is there after a restart', async () => {
    {
      await using index = EmbeddedIndex.open(file);
      await index.apply({ documents: [captured(3, documentOf({ body: 'kept' }))], removed: [], through: 9 });
    }
    await using again = EmbeddedIndex.open(file);
    expect(await again.position()).toBe(9);
    expect(await find(again, 'kept')).toEqual([3]);
  });

  test.each([1, 2, 3])('a removed word is in no file any more, round %d (invariant 17)', async (round) => {
    await using index = EmbeddedIndex.open(file);
    const planted = `zqplanted${round}secret`;
    const filler = (place: number): string =>
      Array.from({ length: 60 }, (_, n) => `w${(place * 31 + n * n * round) % 997}`).join(' ');
    for (let batch = 0; batch < 12; batch++) {
      const documents = Array.from({ length: 40 }, (_, n) => {
        const place = batch * 40 + n;
        const secret = place % 97 === 5 ? `${planted} ${planted}${place}` : '';
        return captured(place, documentOf({ subject: secret, body: `${filler(place)} ${secret}` }));
      });
      await index.apply({ documents, removed: [], through: (batch + 1) * 40 });
      // With it, all words so far are listed.
      if (batch % 5 === round) await find(index, '*planted*');
    }
    expect(contains(planted)).toBe(true);
    const removed = await find(index, planted);
    expect(await find(index, `zq*${round}secret`)).toEqual(removed);
    expect(removed).toHaveLength(5);
    await index.apply({ documents: [], removed: removed.map(asSequence), through: 480 });
    expect(contains(planted)).toBe(false);
    expect(await index.check()).toEqual([]);
    expect(await find(index, '*planted*')).toEqual([]);
    expect((await index.sequences()).size).toBe(475);
  });

  test('no list of words keeps a removed one, however its pages were divided (invariant 17)', async () => {
    const word = (mark: string, message: number, n: number) =>
      `${mark}${digestOf(Buffer.from(`${message} ${n}`)).slice(0, 12)}`;
    const isRemoved = (message: number) => message % 3 === 1;
    await using index = EmbeddedIndex.open(file);
    for (let batch = 0; batch < 12; batch++) {
      const documents = Array.from({ length: 50 }, (_, n) => {
        const message = batch * 50 + n;
        const mark = isRemoved(message) ? 'zqx' : 'zqy';
        return captured(
          message,
          documentOf({ body: Array.from({ length: 100 }, (_, at) => word(mark, message, at)).join(' ') }),
        );
      });
      await index.apply({ documents, removed: [], through: (batch + 1) * 50 });
      expect(await find(index, '*nowhere')).toEqual([]);
    }
    const removed = Array.from({ length: 600 }, (_, message) => message).filter(isRemoved);
    for (let at = 0; at < removed.length; at += 40) {
      await index.apply({ documents: [], removed: removed.slice(at, at + 40).map(asSequence), through: 600 });
      expect(await find(index, '*nowhere')).toEqual([]);
    }
    expect(await find(index, '?qy*')).toHaveLength(400);
    const bytes = readdirSync(folder)
      .map((name) => readFileSync(join(folder, name)).toString('latin1'))
      .join('');
    expect(bytes.match(/zqy[0-9a-f]{12}/gu)).not.toBeNull();
    expect(bytes.match(/zqx[0-9a-f]{12}/gu)).toBeNull();
    expect(await index.check()).toEqual([]);
  });

  test('a pattern finds what was added before and after the words were listed, few messages or many', async () => {
    await using index = EmbeddedIndex.open(file);
    let through = 0;
    for (const count of [3, 2_100, 5, 1]) {
      const documents = Array.from({ length: count }, (_, place) =>
        captured(through + place, documentOf({ body: `x${through + place}y` })),
      );
      through += count;
      await index.apply({ documents, removed: [], through });
      expect(await find(index, '*1y')).toEqual(
        Array.from({ length: Math.ceil((through - 1) / 10) }, (_, n) => 10 * n + 1),
      );
    }
    expect(await index.check()).toEqual([]);
  });

  test.each([
    ["delete from vocabulary where word = 'heron'", 'no pattern finds the word heron'],
    ["insert into vocabulary values ('crane')", 'the word crane is in no message'],
  ])('the list of words is checked: %s', async (change, problem) => {
    {
      await using index = EmbeddedIndex.open(file);
      await index.apply({ documents: [captured(1, documentOf({ body: 'heron' }))], removed: [], through: 2 });
      expect(await find(index, '*eron')).toEqual([1]);
    }
    using database = new DatabaseSync(file);
    database.exec(change);
    database.close();
    await using index = EmbeddedIndex.open(file);
    expect(await index.check()).toEqual([problem]);
  });

  test('a removal that another reader of the file holds up is not reported as done, and can be repeated', async () => {
    await using index = EmbeddedIndex.open(file);
    await index.apply({ documents: [captured(1, documentOf({ body: 'zqheld' }))], removed: [], through: 2 });
    using other = new DatabaseSync(file);
    other.exec('pragma query_only = on; begin; select count(*) from message');
    const remove = { documents: [], removed: [asSequence(1)], through: 3 };
    await expect(index.apply(remove)).rejects.toEqual(expect.objectContaining({ code: 'index-unavailable' }));
    other.exec('commit');
    await index.apply(remove);
    expect(contains('zqheld')).toBe(false);
  });

  test('words that a killed removal left in the log are gone when the index is opened again', async () => {
    const copy = mkdtempSync(join(folder, 'copy-'));
    {
      await using index = EmbeddedIndex.open(file);
      await index.apply({ documents: [captured(1, documentOf({ body: 'zqlogged' }))], removed: [], through: 2 });
      using other = new DatabaseSync(file);
      other.exec('begin; select count(*) from message');
      await index.apply({ documents: [], removed: [asSequence(1)], through: 3 }).catch(() => undefined);
      // As a kill at this moment leaves it: the removal is committed, and the log still has what was removed.
      for (const name of ['search.sqlite', 'search.sqlite-wal']) cpSync(join(folder, name), join(copy, name));
    }
    const logged = (): boolean => readdirSync(copy).some((name) => readFileSync(join(copy, name)).includes('zqlogged'));
    expect(logged()).toBe(true);
    await using again = EmbeddedIndex.open(join(copy, 'search.sqlite'));
    expect(await find(again, 'zqlogged')).toEqual([]);
    expect(logged()).toBe(false);
  });

  test('a process killed while it applies leaves no position ahead of the content (invariant 24)', async () => {
    const program = `
      import { EmbeddedIndex } from ${JSON.stringify(new URL('../../../services/search/adapters/embedded-index.ts', import.meta.url).href)};
      import { captured, documentOf } from ${JSON.stringify(new URL('../../contract/search-document.ts', import.meta.url).href)};
      const index = EmbeddedIndex.open(process.argv[1]);
      for (let at = await index.position(); ; at += 5) {
        const documents = [0, 1, 2, 3, 4].map((n) => captured(at + n, documentOf({ body: 'each w' + (at + n) })));
        await index.apply({ documents, removed: [], through: at + 5 });
        process.stdout.write('.');
      }`;
    for (const applied of [3, 40, 11]) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', program, file], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let seen = 0;
      for await (const chunk of child.stdout) {
        seen += String(chunk).length;
        if (seen >= applied) break;
      }
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await using index = EmbeddedIndex.open(file);
      const position = await index.position();
      expect(position).toBeGreaterThanOrEqual(applied * 5);
      expect(await find(index, 'each')).toEqual(Array.from({ length: position }, (_, n) => n));
      expect(await index.check()).toEqual([]);
    }
  });

  test('a file that is no index, or a cut one, is index-damaged', async () => {
    writeFileSync(file, 'this is not a database, whatever its name says'.repeat(100));
    expect(() => EmbeddedIndex.open(file)).toThrow(expect.objectContaining({ code: 'index-damaged' }));
    rmSync(file);
    {
      await using index = EmbeddedIndex.open(file);
      const documents = Array.from({ length: 300 }, (_, n) => captured(n, documentOf({ body: `each n${n}` })));
      await index.apply({ documents, removed: [], through: 300 });
    }
    truncateSync(file, statSync(file).size / 2);
    const read = async (): Promise<unknown> => {
      await using index = EmbeddedIndex.open(file);
      const faults = await index.check();
      return faults.length > 0 ? faults : 'sound';
    };
    const outcome = await read().catch((thrown: unknown) => thrown);
    expect(outcome).not.toBe('sound');
  });

  test('check names a message without words, words without a message, and a document that cannot be read', async () => {
    await using index = EmbeddedIndex.open(file);
    const documents = [1, 2, 3].map((n) => captured(n, documentOf({ body: `each n${n}` })));
    await index.apply({ documents, removed: [], through: 4 });
    using other = new DatabaseSync(file, { defensive: false });
    other.exec(`delete from message where sequence = 1; update message set encoded = x'00' where sequence = 2;
      delete from words_docsize where id = 3`);
    const faults = await index.check();
    for (const capture of ['capture 1 has words', 'capture 2: a document', 'capture 3 has a document']) {
      expect(faults).toContainEqual(expect.stringContaining(capture));
    }
  });

  test('an index of another version is index-outdated, and left as it is', async () => {
    await EmbeddedIndex.open(file)[Symbol.asyncDispose]();
    using other = new DatabaseSync(file);
    other.exec('pragma user_version = 7');
    expect(() => EmbeddedIndex.open(file)).toThrow(expect.objectContaining({ code: 'index-outdated' }));
  });

  test.each([
    ['another tokenizer', `$sql = replace(sql, 'ascii', 'ascii separators h') where name = 'words'`],
    ['another table', 'create table other (name text)'],
    ['a trigger', 'create trigger t after insert on message begin insert into removed values (new.sequence + 1); end'],
    [
      'a trigger that claims to be a table',
      `pragma writable_schema = on; insert into sqlite_schema (type, name, tbl_name, rootpage, sql)
       values ('table', 'removed', 'removed', 0, 'create trigger t after delete on message begin select 1; end')`,
    ],
    ['no index by date', 'drop index message_by_date'],
    ['removed words not overwritten', `insert into words (words, rank) values ('secure-delete', 0)`],
    ['another setting', `insert into words (words, rank) values ('automerge', 16)`],
    ['another version of the full-text table', `update words_config set v = 3 where k = 'version'`],
  ])('a file that somebody altered is not opened, and check names it: %s', async (_what, change) => {
    await using index = EmbeddedIndex.open(file);
    const documents = [1, 2, 3].map((n) => captured(n, documentOf({ body: `each n${n}` })));
    await index.apply({ documents, removed: [asSequence(2)], through: 4 });
    await EmbeddedIndex.open(file)[Symbol.asyncDispose]();
    expect(await index.check()).toEqual([]);
    alter(file, change.replace('$sql', 'pragma writable_schema = on; update sqlite_schema set sql'));
    expect(() => EmbeddedIndex.open(file)).toThrow(expect.objectContaining({ code: 'index-damaged' }));
    expect(await index.check()).not.toEqual([]);
  });

  test('a file that says of itself that it is new, and has tables, is index-outdated', async () => {
    await EmbeddedIndex.open(file)[Symbol.asyncDispose]();
    alter(file, 'pragma user_version = 0');
    expect(() => EmbeddedIndex.open(file)).toThrow(expect.objectContaining({ code: 'index-outdated' }));
  });

  test('a folder that is not there is index-unavailable', () => {
    expect(() => EmbeddedIndex.open(join(folder, 'no', 'search.sqlite'))).toThrow(
      expect.objectContaining({ code: 'index-unavailable' }),
    );
  });
});
