import { DatabaseSync } from 'node:sqlite';
import { isDeepStrictEqual } from 'node:util';
import { analyzerVersion } from '../../analyzer.ts';
import { asToken, fromToken } from '../../named-text.ts';
import { searchColumns } from '../../search-document.ts';
import { SearchFault } from '../../search-fault.ts';

/** Of the tables below; another number means that the index is written anew. */
const FORMAT = 5;

/** Columns of the full-text table: those of a document; its named texts; its marks, whose tokens no word is. */
export const textColumns = [...searchColumns, 'named', 'marks'].map((column) => `c_${column}`);

/** A mark as one token; as it begins with `¶`, no word is like it. */
export function markToken(mark: string): string {
  return `¶${asToken(mark)}`;
}

/** The other side of `markToken`. */
export function markIn(token: string): string {
  return fromToken(token.slice(1));
}

/**
 * `words` keeps no text of its own (`content=''`); what it must be given again to forget a message is in `message`. With
 * `secure-delete` in both, what is removed is overwritten in the file. The tokenizer only divides at spaces: texts are
 * analysed already, and `ascii` takes all that is not ASCII for letters. `vocabulary` has each word of the messages that are
 * not in `unlisted`.
 */
const TABLES = `
  create table state (key text primary key, value integer not null) without rowid;
  create table message (sequence integer primary key, digest blob not null, date integer, size integer not null, encoded blob not null);
  create index message_by_date on message (date);
  create index message_by_size on message (size);
  create table removed (sequence integer primary key);
  create table vocabulary (word text primary key) without rowid;
  create table unlisted (sequence integer primary key);
  create virtual table words using fts5(${textColumns.join(', ')}, content='', tokenize='ascii', detail=full);
  insert into words (words, rank) values ('secure-delete', 1);
`;

/** 4 until the first removal, 5 from then on: https://sqlite.org/fts5.html#the_secure_delete_configuration_option */
const FULL_TEXT_VERSIONS = [4, 5];

/** Makes a new file ready, or checks that an old one can be used. @throws SearchFault `index-outdated`, `index-damaged` */
export function prepareSchema(database: DatabaseSync): void {
  database.exec('pragma page_size = 8192; pragma journal_mode = wal; pragma synchronous = normal');
  database.exec('pragma secure_delete = on; pragma cache_size = -32768; pragma temp_store = memory');
  database.exec('pragma wal_autocheckpoint = 4096; pragma busy_timeout = 1000');
  const version = database.prepare('pragma user_version').get()?.['user_version'];
  if (version === 0 && partsOf(database).length === 0) create(database);
  else if (version !== versionNumber()) throw outdated();
  const [altered] = schemaFaults(database);
  if (altered !== undefined) throw damaged(altered);
}

/**
 * What of the schema, and of the settings of the full-text table, is not as in a new file: another tokenizer hides messages
 * from every query, a trigger takes them out, another setting leaves removed words in the file.
 */
export function schemaFaults(database: DatabaseSync): string[] {
  using fresh = new DatabaseSync(':memory:');
  create(fresh);
  if (!isDeepStrictEqual(partsOf(database), partsOf(fresh))) return ['its schema is not what this program makes'];
  return hasSettingsOf(database, fresh) ? [] : ['its full-text table has settings that this program does not make'];
}

/** All rows: SQLite carries out what each says, whatever type and name it claims to have. */
function partsOf(database: DatabaseSync): readonly unknown[] {
  return database.prepare('select type, name, tbl_name, sql from sqlite_schema order by 1, 2, 3, 4').all();
}

function hasSettingsOf(database: DatabaseSync, fresh: DatabaseSync): boolean {
  const [found, expected] = [settingsOf(database), settingsOf(fresh)];
  const version = found.get('version');
  return FULL_TEXT_VERSIONS.includes(Number(version)) && isDeepStrictEqual(found, expected.set('version', version));
}

function settingsOf(database: DatabaseSync): Map<string, unknown> {
  const rows = database.prepare('select k, v from words_config').all();
  return new Map(rows.map(({ k, v }) => [String(k), v]));
}

function create(database: DatabaseSync): void {
  database.exec(`begin immediate; ${TABLES} pragma user_version = ${versionNumber()}; commit`);
}

function versionNumber(): number {
  return FORMAT * 1000 + analyzerVersion;
}

function damaged(problem: string): SearchFault {
  return new SearchFault('index-damaged', `the search index was altered: ${problem}`, {
    remedy: 'Rebuild the search index from the archive; nothing else is affected.',
  });
}

function outdated(): SearchFault {
  return new SearchFault('index-outdated', 'the search index was written by another version of this program', {
    remedy: 'Rebuild the search index from the archive.',
  });
}
