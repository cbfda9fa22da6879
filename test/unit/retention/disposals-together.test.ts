import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Catalog } from '#catalog';
import { ParsingPool } from '#ingest';
import { MemoryIndex } from '../../../services/search/adapters/memory-index.ts';
import { GatedArchive, MemoryMedium } from '../../gated-archive.ts';
import { letter } from '../../whole-archive.ts';

/** Forgets words slowly, as Elasticsearch does. */
class SlowToForget extends MemoryIndex {
  override readonly capabilities = { erasure: 'expunge', comparison: 'words', listedMax: Infinity } as const;
  readonly #waiting: { readonly removed: number; readonly go: PromiseWithResolvers<void> }[] = [];
  removals = 0;
  /** How many removals each run covered. */
  readonly runs: number[] = [];

  override async apply(change: Parameters<MemoryIndex['apply']>[0]): Promise<void> {
    this.removals += change.removed.length;
    await super.apply(change);
  }

  override async expunge(): Promise<void> {
    const go = Promise.withResolvers<void>();
    this.#waiting.push({ removed: this.removals, go });
    await go.promise;
    this.runs.push(this.removals);
  }

  get isForgetting(): boolean {
    return this.#waiting.length > 0;
  }

  end(failure?: Error): void {
    const { go } = this.#waiting.shift() ?? {};
    if (failure === undefined) go?.resolve();
    else go?.reject(failure);
  }
}

class SlowMedium extends MemoryMedium {
  readonly index = new SlowToForget();

  override async open() {
    return { ...(await super.open()), index: this.index, catalog: Catalog.open(':memory:') };
  }
}

const pool = new ParsingPool(1);
afterAll(() => pool[Symbol.asyncDispose]());

describe('disposals that an index is slow to forget', () => {
  let medium: SlowMedium;
  let archive: GatedArchive;
  const ordered = [1, 2, 3, 4, 5, 6].map((number) => letter(number));

  beforeEach(async () => {
    medium = new SlowMedium();
    archive = await GatedArchive.open(medium, pool);
    await archive.capture(ordered.map((bytes, at) => ({ bytes, custodian: 'ada', path: `${at}.eml` })));
  });
  afterEach(() => medium[Symbol.asyncDispose]());

  async function forgetting(removed: number): Promise<void> {
    while (medium.index.removals < removed || !medium.index.isForgetting) await new Promise(setImmediate);
  }

  async function certificates(): Promise<number> {
    return (await archive.entries()).filter(({ kind }) => kind === 'disposed').length;
  }

  test('share the time it takes, and each is certified only after a run that began after its removal', async () => {
    const disposals = ordered.map((bytes) => archive.dispose(bytes));
    await forgetting(ordered.length);
    expect(await certificates()).toBe(0);
    medium.index.end();
    await disposals[0];
    // The first run began when one was removed: it speaks for no other.
    expect(await certificates()).toBe(1);
    await forgetting(ordered.length);
    medium.index.end();
    await Promise.all(disposals);
    expect(await certificates()).toBe(ordered.length);
    expect(medium.index.runs).toHaveLength(2);
  });

  test('keep nobody from capturing; the same bytes that come back meanwhile are a new generation', async () => {
    const disposal = archive.dispose(letter(1));
    await forgetting(1);
    const shown = [letter(1), letter(7)].map((bytes) => ({ bytes, custodian: 'ben', path: 'again.eml' }));
    expect(await archive.capture(shown)).toEqual(['captured', 'captured']);
    expect(archive.message(letter(1))).toMatchObject({ generation: 2, state: 'archived' });
    medium.index.end();
    await disposal;
    expect(archive.message(letter(1))).toMatchObject({ generation: 2, state: 'archived' });
    expect(await certificates()).toBe(1);
    expect(await archive.findings()).toEqual([]);
  });

  test('are not certified where the words remain; all are finished together later', async () => {
    const disposals = Promise.allSettled(ordered.map((bytes) => archive.dispose(bytes)));
    await forgetting(ordered.length);
    medium.index.end(new Error('the words remain'));
    await forgetting(ordered.length);
    medium.index.end(new Error('the words remain'));
    expect((await disposals).map(({ status }) => status)).toEqual(ordered.map(() => 'rejected'));
    expect(await certificates()).toBe(0);
    const finished = archive.disposition.finish();
    await forgetting(2 * ordered.length);
    medium.index.end();
    expect(await finished).toBe(ordered.length);
    expect(medium.index.runs).toHaveLength(1);
    expect(await certificates()).toBe(ordered.length);
    expect(await archive.findings()).toEqual([]);
  });

  test('that somebody else certifies meanwhile are answered with that certificate', async () => {
    const disposal = archive.dispose(letter(1));
    await forgetting(1);
    const other = await GatedArchive.open(medium, pool);
    const finished = other.disposition.finish();
    await forgetting(2);
    medium.index.end();
    await disposal;
    medium.index.end();
    expect(await finished).toBe(1);
    expect(await certificates()).toBe(1);
  });
});
