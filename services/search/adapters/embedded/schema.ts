import type { DatabaseSync } from 'node:sqlite';
import { analyzerVersion } from '../../analyzer.ts';
import { searchColumns } from '../../search-document.ts';
import { SearchFault } from '../../search-fault.ts';

/** Of the tables below; another number means that the index is written anew. */
const FORMAT = 1;

/** Columns of the full-text table: those of a document, and `marks`, tokens of ours that no query can name. */
export const textColumns = [...searchColumns, 'marks'].map((column) => `c_${column}`);

/** In `marks` when the message has an attachment. */
export const ATTACHMENT_MARK = '¶attachment';

/**
 * `words` keeps no text of its own (`content=''`); what it must be given again to forget a message is in `message`. With
 * `secure-delete` in both, what is removed is overwritten in the file. The tokenizer only divides at spaces: texts are
 * analysed already, and `ascii` takes all that is not ASCII for letters.
 */
const TABLES = `
  create table state (key text primary key, value integer not null) without rowid;
  create table message (sequence integer primary key, digest blob not null, date integer, encoded blob not null);
  create index message_by_date on message (date);
  create table removed (sequence integer primary key);
  create virtual table words using fts5(${textColumns.join(', ')}, content='', tokenize='ascii', detail=full);
  insert into words (words, rank) values ('secure-delete', 1);
`;

/** Makes a new file ready, or checks that an old one can be used. @throws SearchFault `index-outdated` */
export function prepareSchema(database: DatabaseSync): void {
  database.exec('pragma page_size = 8192; pragma journal_mode = wal; pragma synchronous = normal');
  database.exec('pragma secure_delete = on; pragma cache_size = -32768; pragma temp_store = memory');
  database.exec('pragma wal_autocheckpoint = 4096; pragma busy_timeout = 1000');
  const version = database.prepare('pragma user_version').get()?.['user_version'];
  if (version === 0) create(database);
  else if (version !== versionNumber()) throw outdated();
}

function create(database: DatabaseSync): void {
  database.exec(`begin immediate; ${TABLES} pragma user_version = ${versionNumber()}; commit`);
}

function versionNumber(): number {
  return FORMAT * 1000 + analyzerVersion;
}

function outdated(): SearchFault {
  return new SearchFault('index-outdated', 'the search index was written by another version of this program', {
    remedy: 'Rebuild the search index from the archive.',
  });
}
