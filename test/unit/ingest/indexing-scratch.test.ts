import { expect, test } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import { Catalog } from '#catalog';
import { Indexing, ParsingPool } from '#ingest';
import { digestOf, FixedClock, limits } from '#kernel';
import { Ledger } from '#ledger';
import { MemoryBlobStore } from '../../../services/archive/adapters/memory-blob-store.ts';
import { MemoryLedgerStore } from '../../../services/ledger/adapters/memory-ledger-store.ts';
import { MemorySigner } from '../../../services/ledger/adapters/memory-signer.ts';
import { MemoryIndex } from '../../../services/search/adapters/memory-index.ts';
import { TemporaryFolder } from '../../whole-archive.ts';

/** Looks at a folder whenever a part of a message is read. */
class WatchedStore extends MemoryBlobStore {
  readonly #folder: string;
  readonly seen = new Set<string>();

  constructor(folder: string) {
    super();
    this.#folder = folder;
  }

  override async *stream(...ref: Parameters<MemoryBlobStore['stream']>): ReturnType<MemoryBlobStore['stream']> {
    for await (const part of super.stream(...ref)) {
      yield part;
      for (const name of await readdir(this.#folder)) this.seen.add(name);
    }
  }
}

test('a message too large for memory lies in the given folder alone while it is read, and is gone then (invariant 17)', async () => {
  await using folder = await TemporaryFolder.make();
  const archive = new WatchedStore(folder.path);
  const clock = new FixedClock(Date.UTC(2026, 10, 28));
  const bytes = Buffer.concat([
    Buffer.from('Subject: large\r\n\r\nwalrus\r\n'),
    Buffer.alloc(limits.messageInMemoryBytesMax, 'large words\r\n'),
  ]);
  const digest = digestOf(bytes);
  const lock = { legalHold: false, retainUntil: null };
  await archive.putAll([
    { digest, generation: 1, size: bytes.length, content: { bytes }, storedAt: clock.now(), sighting: '', lock },
  ]);
  const store = new MemoryLedgerStore();
  const made = { store, signer: new MemorySigner(), clock, origin: 'example.org/archive', actor: 'cli' };
  await using ledger = await Ledger.create(made);
  using catalog = Catalog.open(':memory:');
  await using index = new MemoryIndex();
  await using pool = new ParsingPool(1);
  const indexing = await Indexing.open({ archive, catalog, index, pool, scratch: folder.path });
  const recovered = { kind: 'recovered' as const, digest, generation: 1, size: bytes.length, flags: [], holds: [] };
  await ledger.append([{ ...recovered, policy: 0, aside: {} }]);
  for await (const batch of ledger.read(0)) {
    await catalog.apply(batch);
    await indexing.apply(batch);
  }
  expect((await index.sequences()).size).toBe(1);
  expect(archive.seen.size).toBe(1);
  expect(await readdir(folder.path)).toEqual([]);
});
