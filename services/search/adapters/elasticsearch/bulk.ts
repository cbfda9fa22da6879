import { messageOf } from '#kernel';
import type { estypes } from '@elastic/elasticsearch';
import type { Connection } from './connection.ts';
import { AGAIN, asSearchFault, lost, statusOf, unavailable } from './elasticsearch-fault.ts';
import { pauseBefore } from './retrying.ts';

const OK_FROM = 200;
const OK_BEFORE = 300;
const REFUSED = 400;
const ABSENT = 404;
const CONFLICT = 409;
const TOO_LARGE = 413;
const TOO_MANY = 429;

/** One document to be written. */
export interface Operation {
  /** `create` leaves what is there; `index` takes its place. */
  readonly kind: 'create' | 'index';
  readonly index: string;
  readonly id: string;
  readonly body: string;
}

/** What the engine will never take, however often it is sent. */
export interface Refusal {
  readonly operation: Operation;
  readonly reason: string;
}

interface Outcome {
  readonly refused: Refusal[];
  readonly again: Operation[];
  /** Why the last of `again` was not taken. */
  reason: string;
}

/** Writes documents in requests of a bounded size, and looks at what became of each one. */
export class Bulk {
  readonly #connection: Connection;
  readonly #bytesMax: number;

  constructor(connection: Connection, bytesMax: number) {
    this.#connection = connection;
    this.#bytesMax = bytesMax;
  }

  /**
   * Durable on return, but for those returned.
   * @throws SearchFault `index-unavailable` when the engine does not take them in time, `index-damaged` when an index is gone
   */
  async write(operations: Iterable<Operation>): Promise<readonly Refusal[]> {
    const refused: Refusal[] = [];
    for (const group of grouped(operations, this.#bytesMax)) refused.push(...(await this.#writeGroup(group)));
    return refused;
  }

  async #writeGroup(group: readonly Operation[]): Promise<readonly Refusal[]> {
    const refused: Refusal[] = [];
    let left = group;
    for (let attempt = 1; left.length > 0; attempt++) {
      const outcome = await this.#send(left);
      refused.push(...outcome.refused);
      left = outcome.again;
      if (left.length === 0) break;
      if (attempt >= this.#connection.attemptsMax) {
        throw unavailable(`Elasticsearch did not take ${left.length} documents: ${outcome.reason}`, AGAIN);
      }
      await pauseBefore(attempt);
    }
    return refused;
  }

  async #send(group: readonly Operation[]): Promise<Outcome> {
    try {
      const { items } = await this.#connection.tell((client) =>
        client.bulk({ operations: linesOf(group), filter_path: ['items.*.status', 'items.*.error'] }),
      );
      return outcomeOf(group, items);
    } catch (thrown) {
      const [only] = group;
      const status = statusOf(thrown) ?? 0;
      // Too many bytes at once, and it is alone: the engine has no room for such a document, now or later.
      const isOversized = only !== undefined && status === TOO_MANY && bytesOf(only) > this.#bytesMax;
      if (status !== TOO_LARGE && status !== REFUSED && !isOversized) throw asSearchFault(thrown);
      if (only === undefined || group.length > 1) return this.#sendHalves(group);
      return { refused: [{ operation: only, reason: messageOf(thrown) }], again: [], reason: '' };
    }
  }

  /** The whole request was refused: it is the fault of its size, or of a document in it. */
  async #sendHalves(group: readonly Operation[]): Promise<Outcome> {
    const middle = Math.ceil(group.length / 2);
    const left = await this.#send(group.slice(0, middle));
    const right = await this.#send(group.slice(middle));
    return {
      refused: [...left.refused, ...right.refused],
      again: [...left.again, ...right.again],
      reason: right.reason === '' ? left.reason : right.reason,
    };
  }
}

function outcomeOf(group: readonly Operation[], items: estypes.BulkResponse['items']): Outcome {
  const outcome: Outcome = { refused: [], again: [], reason: '' };
  for (const [place, operation] of group.entries()) {
    const { status = 0, error } = items[place]?.[operation.kind] ?? {};
    if (isDone(operation, status)) continue;
    const reason = reasonOf(error);
    if (status === ABSENT) throw lost(`${operation.index} (${reason})`);
    if (status === REFUSED || status === TOO_LARGE) {
      outcome.refused.push({ operation, reason });
      continue;
    }
    outcome.again.push(operation);
    outcome.reason = reason;
  }
  return outcome;
}

function reasonOf(error: estypes.ErrorCause | undefined): string {
  return error === undefined ? 'no answer' : `${error.type}: ${error.reason ?? ''}`;
}

/** What is in already, or was removed, need not be created. */
function isDone({ kind }: Operation, status: number): boolean {
  return (status >= OK_FROM && status < OK_BEFORE) || (status === CONFLICT && kind === 'create');
}

function linesOf(group: readonly Operation[]): string[] {
  return group.flatMap(({ kind, index, id, body }) => [JSON.stringify({ [kind]: { _index: index, _id: id } }), body]);
}

/** Taken as they are sent: what is to come is not in memory yet. */
function* grouped(operations: Iterable<Operation>, bytesMax: number): Generator<readonly Operation[]> {
  let group: Operation[] = [];
  let bytes = 0;
  for (const operation of operations) {
    const more = bytesOf(operation);
    if (group.length > 0 && bytes + more > bytesMax) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(operation);
    bytes += more;
  }
  if (group.length > 0) yield group;
}

function bytesOf({ body }: Operation): number {
  return Buffer.byteLength(body) + 100;
}
