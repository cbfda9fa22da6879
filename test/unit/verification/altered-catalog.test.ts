import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Catalog } from '#catalog';
import { asSequence, digestOf, FixedClock } from '#kernel';
import type { EntryDraft } from '#ledger';
import { CatalogFindings } from '../../../services/verification/catalog-findings.ts';
import { FoldedLedger } from '../../../services/verification/folded-ledger.ts';
import { examinedDraft, savedDraft, unsoundProbes } from '../../sample-ledger.ts';
import {
  alter,
  letter,
  openStores,
  type OpenStores,
  STARTED_AT,
  TemporaryFolder,
  WholeArchive,
} from '../../whole-archive.ts';

const source = 'b'.repeat(32);
const mailboxEpoch = 'c'.repeat(32);
const collected = { found: 3, captured: 1, alreadyArchived: 1, failed: 1, ignored: 0 };
const drafts: readonly EntryDraft[] = [
  examinedDraft('unsound', unsoundProbes),
  savedDraft('saved', 'harbour', 'harbour'),
  { kind: 'gone', source, mailboxEpoch, uid: 4, aside: { mailbox: 'INBOX' } },
  {
    kind: 'quarantined',
    source,
    mailboxEpoch,
    uid: 5,
    attempts: 1,
    code: 'empty',
    aside: { mailbox: 'INBOX', reason: '' },
  },
  { kind: 'collection', source, collection: 'run', startedAt: STARTED_AT, ...collected, aside: { failures: [] } },
  {
    kind: 'source-changed',
    actor: 'cli',
    source,
    type: 'imap',
    action: 'added',
    aside: { name: 'office', custodian: 'ada', host: 'mail.example.org', user: 'ada' },
  },
];

/** An archive of which every table of the catalog has a row. */
async function eventful(root: string): Promise<void> {
  await using archive = await WholeArchive.open(root);
  const letters = Array.from({ length: 12 }, (_, number) => letter(number));
  await archive.capture(letters);
  await archive.capture(letters.slice(6), 'ben');
  const matter = await archive.matters.create({ name: 'harbour', description: '' }, 'cli');
  await archive.holds.place({ matter: matter.id, query: 'subject:"letter 7"', reason: 'claim' }, 'cli');
  await archive.disposition.dispose(archive.message(letter(3)), 'expired', 'cli');
  await archive.retention.setDefault('7y', 'cli');
  await archive.recorder.ledger.append(drafts);
  await archive.recorder.catchUp();
  await repeated(archive);
}

/** The same sighting recorded twice, as after an answer that got lost. */
async function repeated({ recorder, catalog }: WholeArchive): Promise<void> {
  const [first] = catalog.sightings.ofMessage(
    catalog.messages.byDigest(digestOf(letter(5)))?.sequence ?? asSequence(0),
  );
  const entry = await recorder.ledger.entry(first?.sequence ?? 0);
  if (entry.kind !== 'capture' || entry.aside === 'erased') throw new Error(entry.kind);
  const { digest, generation, source: from, sighting, seenAt, policy, holds, aside } = entry;
  await recorder.ledger.append([
    { kind: 'sighting', digest, generation, source: from, sighting, seenAt, policy, holds, aside },
  ]);
  await recorder.fold();
}

interface Change {
  readonly what: string;
  readonly sql: string;
}

/** Another value in each column of the last row of each table; that row gone. */
function changesTo(file: string): Change[] {
  const db = new DatabaseSync(file);
  const changes: Change[] = [];
  for (const { name } of db.prepare("select name from sqlite_schema where type = 'table'").all()) {
    const table = String(name);
    if (table === 'unread') continue;
    const columns = db.prepare('select * from pragma_table_info(?)').all(table);
    const key = columns
      .filter(({ pk }) => pk !== 0)
      .map((column) => String(column['name']))
      .join(', ');
    const last = `(${key}) = (select ${key} from ${table} order by ${key.replaceAll(',', ' desc,')} desc limit 1)`;
    for (const column of columns.map((one) => String(one['name']))) {
      const other = `case typeof(${column}) when 'integer' then ${column} + 1 when 'text' then ${column} || 'x' when 'blob' then zeroblob(16) else 1 end`;
      changes.push({ what: `${table}.${column}`, sql: `update ${table} set ${column} = ${other} where ${last}` });
    }
    changes.push({ what: `a row of ${table} gone`, sql: `delete from ${table} where ${last}` });
  }
  db.close();
  return changes;
}

describe('verify finds in the catalog', () => {
  let folder: TemporaryFolder;
  let stores: OpenStores;
  let truth: FoldedLedger;
  let file: string;

  beforeAll(async () => {
    folder = await TemporaryFolder.make();
    await eventful(folder.path);
    stores = await openStores(folder.path);
    truth = await FoldedLedger.open(stores.ledgerStore, new FixedClock(STARTED_AT));
    await truth.catchUp();
    file = join(folder.path, 'derived', 'catalog.sqlite');
  });

  afterAll(async () => {
    await truth[Symbol.asyncDispose]();
    await stores[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  async function placesFound(change: string): Promise<string[]> {
    const copy = join(folder.path, 'altered.sqlite');
    Catalog.remove(copy);
    cpSync(file, copy);
    alter(copy, change);
    using catalog = Catalog.openAsItIs(copy);
    const places: string[] = [];
    for await (const { code, place } of new CatalogFindings(catalog, truth).all(truth.position, () => undefined)) {
      expect(code).toBe('catalog-differs');
      places.push(place);
    }
    return places;
  }

  test('nothing where nothing was changed', async () => {
    expect(await placesFound('select 1')).toEqual([]);
  });

  test('every column that another value was written to, and every row that is gone', async () => {
    const changes = changesTo(file);
    expect(changes.length).toBeGreaterThan(100);
    const unnoticed: string[] = [];
    for (const { what, sql } of changes) if ((await placesFound(sql)).length === 0) unnoticed.push(what);
    expect(unnoticed).toEqual([]);
  });

  test('a sighting that was moved to another message, by its entry', async () => {
    const moved = 'update sighting set message = message + 1 where sequence = 14';
    expect(await placesFound(moved)).toEqual(['catalog, sighting 14']);
  });

  test.each([
    "insert into place (custodian, mailbox) values ('eve', 'inbox')",
    "insert into hold_match (hold, message, since) values ('another', 5, 5)",
    'create trigger quiet before insert on hold_match begin select raise(ignore); end',
    'drop index sighting_again; create index sighting_again on sighting (message) where message > 1e9',
    'create table another (id integer primary key)',
  ])('what was added: %s', async (change) => {
    expect((await placesFound(change)).length).toBeGreaterThan(0);
  });

  test('an index that lacks a row of its table', async () => {
    const hidden = `pragma writable_schema = on;
      update sqlite_schema set sql = replace(sql, 'message <> sequence', 'message > 1e9') where name = 'sighting_again';
      pragma writable_schema = reset; reindex sighting_again; pragma writable_schema = on;
      update sqlite_schema set sql = replace(sql, 'message > 1e9', 'message <> sequence') where name = 'sighting_again'`;
    expect((await placesFound(hidden)).length).toBeGreaterThan(0);
  });
});
