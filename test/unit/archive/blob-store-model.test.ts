import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { BlobLock, BlobStore } from '#archive';
import { forbidsDisposal, strongerLock } from '#archive';
import { MemoryBlobStore } from '../../../services/archive/adapters/memory-blob-store.ts';
import { listed, NO_LOCK, noise, orderFor, putOf, scrubbed, STORED_AT } from '../../contract/blob-puts.ts';
import { FilesystemArchive } from '../../contract/filesystem-archive.ts';
import { seeds } from '../../soak.ts';

const IN_MEMORY_BYTES_MAX = 1_000;
/** Message 5 is too large for memory. */
const puts = Array.from({ length: 6 }, (_, index) => putOf(noise(index, index === 5 ? 1_500 : 50 + index * 90)));

type Step =
  | { readonly kind: 'put'; readonly messages: readonly number[]; readonly lock: BlobLock }
  | { readonly kind: 'extend'; readonly messages: readonly number[]; readonly until: number }
  | { readonly kind: 'hold'; readonly messages: readonly number[]; readonly on: boolean }
  | { readonly kind: 'dispose'; readonly messages: readonly number[]; readonly at: number }
  | { readonly kind: 'reopen'; readonly withLocator: boolean };

const time = fc.integer({ min: 0, max: 5 }).map((steps) => STORED_AT + steps);
const messages = fc.array(fc.nat(puts.length - 1), { minLength: 1, maxLength: 4 });
const one = fc.nat(puts.length - 1).map((message) => [message]);
const lock = fc.record({ legalHold: fc.boolean(), retainUntil: fc.option(time) });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), messages, lock: fc.oneof(fc.constant(NO_LOCK), lock) }),
  fc.record({ kind: fc.constant('extend' as const), messages, until: time }),
  fc.record({ kind: fc.constant('hold' as const), messages, on: fc.boolean() }),
  fc.record({ kind: fc.constant('dispose' as const), messages: one, at: time }),
  fc.record({ kind: fc.constant('reopen' as const), withLocator: fc.boolean() }),
);

/** What a blob store is, without any storage: a lock, or `disposed`, per message. */
class Model {
  readonly blobs = new Map<number, BlobLock | 'disposed'>();

  perform(action: Step): string {
    switch (action.kind) {
      case 'put':
        return this.#put(action.messages, action.lock);
      case 'extend':
        return this.#relock(action.messages, (was) =>
          strongerLock(was, { legalHold: false, retainUntil: action.until }),
        );
      case 'hold':
        return this.#relock(action.messages, (was) => ({ ...was, legalHold: action.on }));
      case 'dispose':
        return this.#dispose(action.messages[0] ?? 0, action.at);
      case 'reopen':
        return 'done';
    }
  }

  #put(numbers: readonly number[], wanted: BlobLock): string {
    if (numbers.some((number) => this.blobs.get(number) === 'disposed')) return 'disposed';
    for (const number of numbers) {
      const known = this.blobs.get(number);
      this.blobs.set(number, known === undefined || known === 'disposed' ? wanted : strongerLock(known, wanted));
    }
    return 'done';
  }

  #relock(numbers: readonly number[], change: (was: BlobLock) => BlobLock): string {
    if (numbers.some((number) => typeof this.blobs.get(number) !== 'object')) return 'not-found';
    for (const number of numbers) {
      const known = this.blobs.get(number);
      if (typeof known === 'object') this.blobs.set(number, change(known));
    }
    return 'done';
  }

  #dispose(number: number, at: number): string {
    const known = this.blobs.get(number);
    if (typeof known === 'object' && forbidsDisposal(known, at)) return 'locked';
    this.blobs.set(number, 'disposed');
    return 'done';
  }
}

function putsOf(numbers: readonly number[]): typeof puts {
  return numbers.flatMap((number) => puts.slice(number, number + 1));
}

async function perform(store: BlobStore, action: Exclude<Step, { kind: 'reopen' }>): Promise<void> {
  const some = putsOf(action.messages);
  switch (action.kind) {
    case 'put':
      await store.putAll(some.map((put) => ({ ...put, lock: action.lock })));
      return;
    case 'extend':
      return store.extendRetention(some, action.until);
    case 'hold':
      return store.setLegalHolds(some, action.on);
    case 'dispose':
      for (const put of some) await store.dispose(orderFor(put, action.at));
  }
}

async function outcomeOf(work: Promise<void>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => (error as { code: string }).code,
  );
}

async function expectSame(store: BlobStore, model: Model): Promise<void> {
  const found = new Map((await listed(store)).map((stat) => [stat.digest, stat.lock]));
  for (const [number, put] of puts.entries()) {
    const known = model.blobs.get(number);
    expect(found.get(put.digest)).toEqual(typeof known === 'object' ? known : undefined);
    const reading = store.stream(put)[Symbol.asyncIterator]().next();
    const read = await reading.then(
      (result) => result.value?.toString('hex'),
      (error: unknown) => (error as { code: string }).code,
    );
    if (typeof known === 'object') expect(read).toBe(put.bytes.toString('hex'));
    else expect(read).toBe(known ?? 'not-found');
  }
  expect(await scrubbed(store)).toEqual([]);
}

const steps = fc.array(step, { maxLength: 25 });

describe('any sequence of puts, locks, holds and disposals gives what a plain map gives', () => {
  test('on the store in memory', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (actions) => {
        await using store = new MemoryBlobStore({ inMemoryBytesMax: IN_MEMORY_BYTES_MAX });
        const model = new Model();
        for (const action of actions) {
          if (action.kind !== 'reopen') expect(await outcomeOf(perform(store, action))).toBe(model.perform(action));
        }
        await expectSame(store, model);
      }),
      { seed: 20_261_123, numRuns: seeds(100, 2_000) },
    );
  });

  test('on segments, reopened at any point with or without their locator (invariants 13, 15, 23)', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (actions) => {
        await using archive = await FilesystemArchive.make(1_500, IN_MEMORY_BYTES_MAX);
        let store = await archive.open();
        const model = new Model();
        for (const action of actions) {
          if (action.kind !== 'reopen') {
            expect(await outcomeOf(perform(store, action))).toBe(model.perform(action));
            continue;
          }
          await store[Symbol.asyncDispose]();
          if (!action.withLocator) await archive.deleteLocator();
          store = await archive.open();
        }
        await expectSame(store, model);
        await store[Symbol.asyncDispose]();
      }),
      { seed: 20_261_123, numRuns: seeds(60, 2_000) },
    );
  });
});
