import { messageOf } from '#kernel';
import type { DatabaseSync } from 'node:sqlite';
import { schemaFaults } from './schema.ts';
import type { Vocabulary } from './vocabulary.ts';
import type { Writer } from './writer.ts';

/** Each fault of the file: its schema, its pages, the full-text structures, messages without words, words without a message, the list of words, documents. */
export function inspect(database: DatabaseSync, writer: Writer, vocabulary: Vocabulary): string[] {
  return [
    ...attempt(() => schemaFaults(database)),
    ...attempt(() => pageFaults(database)),
    ...attempt(() => {
      database.exec(`insert into words (words) values ('integrity-check')`);
      return [];
    }),
    ...attempt(() => strays(database)),
    ...attempt(() => [...vocabulary.differences()]),
    ...attempt(() => unreadable(database, writer)),
  ];
}

function attempt(look: () => string[]): string[] {
  try {
    return look();
  } catch (thrown) {
    return [messageOf(thrown)];
  }
}

function pageFaults(database: DatabaseSync): string[] {
  const rows = database.prepare('pragma integrity_check').all();
  return rows.map((row) => String(row['integrity_check'])).filter((finding) => finding !== 'ok');
}

function strays(database: DatabaseSync): string[] {
  const wordless = database.prepare('select sequence as id from message except select id from words_docsize').all();
  const ownerless = database.prepare('select id from words_docsize except select sequence from message').all();
  return [
    ...wordless.map(({ id }) => `capture ${String(id)} has a document and no words`),
    ...ownerless.map(({ id }) => `capture ${String(id)} has words and no document`),
  ];
}

function unreadable(database: DatabaseSync, writer: Writer): string[] {
  const faults: string[] = [];
  for (const { sequence } of database.prepare('select sequence from message').iterate()) {
    faults.push(
      ...attempt(() => (writer.read(Number(sequence)) === undefined ? ['vanished'] : [])).map(
        (fault) => `capture ${String(sequence)}: ${fault}`,
      ),
    );
  }
  return faults;
}
