import { messageOf } from '#kernel';
import type { ArchiveState, Generation } from './archive-state.ts';
import type { Connection } from './connection.ts';
import { indicesOf, spanOf } from './generations.ts';
import type { IndexNames } from './index-names.ts';
import { byRemoved, scan } from './scan.ts';
import { messageIn } from './source.ts';

const PAGE = 200;

/** Each fault of a generation: indices that are gone or red, copies that failed, documents in the wrong place or unreadable. */
export async function inspect(
  connection: Connection,
  names: IndexNames,
  state: ArchiveState,
  generation: Generation,
): Promise<string[]> {
  const faults: string[] = [];
  for (const [place, index] of indicesOf(names, generation).entries()) {
    const absent = !(await connection.ask((client) => client.indices.exists({ index })));
    if (absent) faults.push(`${index} is gone`);
    else faults.push(...(await inspectSpan(connection, state, index, generation.spans[place] ?? 0)));
  }
  return faults;
}

async function inspectSpan(
  connection: Connection,
  state: ArchiveState,
  index: string,
  span: number,
): Promise<string[]> {
  const faults: string[] = [];
  await connection.ask((client) => client.indices.refresh({ index }));
  const request = { query: { exists: { field: 'sequence' } }, _source: true };
  for await (const answer of scan(connection, index, request, PAGE)) {
    if (answer.timed_out || answer._shards.failed > 0) faults.push(`${index} could not be read whole`);
    for (const { _id: id, sort, _source: source } of answer.hits.hits) {
      const sequence = Number(sort?.[0]);
      if (String(sequence) !== id || spanOf(sequence, state) !== span)
        faults.push(`${index}: ${id} is of capture ${sequence}`);
      faults.push(...unreadable(source).map((fault) => `capture ${sequence}: ${fault}`));
    }
  }
  return [...faults, ...(await strangers(connection, index))];
}

/** What is neither a message nor stands for a removed one at its place: a message there would never be taken in. */
async function strangers(connection: Connection, index: string): Promise<string[]> {
  const faults: string[] = [];
  const query = { bool: { must_not: [{ exists: { field: 'sequence' } }] } };
  for await (const { hits } of scan(connection, index, { query, sort: byRemoved, _source: ['removed'] }, PAGE)) {
    const strange = hits.hits.filter(({ _id: id, sort }) => String(sort?.[0]) !== id);
    faults.push(...strange.map(({ _id: id }) => `${index}: ${id} is no capture`));
  }
  return faults;
}

function unreadable(source: unknown): string[] {
  try {
    return messageIn(source) === undefined ? ['has words and no document'] : [];
  } catch (thrown) {
    return [messageOf(thrown)];
  }
}
