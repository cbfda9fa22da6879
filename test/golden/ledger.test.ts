import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { asSequence } from '#kernel';
import { Ledger, MemoryHashTiles, verifyCheckpoint, verifyProof } from '#ledger';
import { MemoryLedgerStore } from '../../services/ledger/adapters/memory-ledger-store.ts';
import {
  captureDraft,
  damagesIn,
  discardedDraft,
  examinedDraft,
  repeatableSearch,
  savedDraft,
  signerNamed,
  soundProbes,
  startTime,
  unsoundProbes,
  writeLaterKinds,
  writeSample,
  writeSavedSearches,
} from '../sample-ledger.ts';

/**
 * Files written by the first version of the format. They are never written again: a ledger lives longer than the code,
 * and what is read here must be readable for ever.
 */
const golden = join(import.meta.dirname, 'ledger');
const text = (name: string): Promise<string> => readFile(join(golden, name), 'utf8');

async function goldenStore(folder = golden): Promise<MemoryLedgerStore> {
  const store = new MemoryLedgerStore();
  for (const name of await readdir(join(folder, 'batches'))) {
    await store.create(asSequence(Number.parseInt(name, 16)), await readFile(join(folder, 'batches', name)));
  }
  for (const name of await readdir(join(folder, 'sidecars'))) {
    await store.putSidecar(name, await readFile(join(folder, 'sidecars', name)));
  }
  return store;
}

describe('golden ledger', () => {
  test('verifies, and has the root that it had', async () => {
    const { found, summary } = await damagesIn(await goldenStore());
    expect(found).toEqual([]);
    expect(`${JSON.stringify(summary, null, 2)}\n`).toBe(await text('summary.json'));
  });

  test('says what was written into it', async () => {
    const ledger = await Ledger.open({ store: await goldenStore(), clock: { now: () => startTime } });
    expect(await ledger.entry(1)).toEqual({ ...captureDraft(1), v: 1, time: startTime, sequence: 1 });
    expect((await ledger.entry(2)).aside).toBe('erased');
    expect(await ledger.entry(4)).toMatchObject({ kind: 'hold-placed', aside: { query: 'subject:"Zürich"' } });
  });

  test('its checkpoint and its proof verify', async () => {
    const { publicKey } = signerNamed('third key');
    const { size } = verifyCheckpoint(await text('checkpoint'), publicKey);
    expect(size).toBe(JSON.parse(await text('summary.json')).size);
    const ledger = await Ledger.open({ store: await goldenStore(), clock: { now: () => startTime } });
    expect(verifyProof(await ledger.entryBytes(3), await text('entry-3.tlog-proof'), publicKey).index).toBe(3);
  });

  test('the same entries, ids, salts, times and keys give the same files today', async () => {
    const store = new MemoryLedgerStore();
    const { ledger } = await writeSample(store);
    await expectSameFiles(store, await goldenStore());
    const tiles = new MemoryHashTiles();
    for await (const batch of ledger.read(0)) tiles.append(batch.leafHashes);
    expect(await ledger.checkpoint(tiles)).toBe(await text('checkpoint'));
    expect(await ledger.proof(tiles, 3)).toBe(await text('entry-3.tlog-proof'));
  });
});

/** Kinds and fields that were added later, each frozen when it was. */
describe('golden ledger of later kinds', () => {
  const later = join(import.meta.dirname, 'ledger-later-kinds');

  test('verifies, and says what was written into it', async () => {
    const store = await goldenStore(later);
    expect((await damagesIn(store)).found).toEqual([]);
    const ledger = await Ledger.open({ store, clock: { now: () => startTime } });
    const day = 86_400_000;
    const written = { 1: examinedDraft('sound', soundProbes), 3: examinedDraft('unsound', unsoundProbes) };
    expect(await ledger.entry(1)).toEqual({ ...written[1], v: 1, time: startTime, sequence: 1 });
    expect(await ledger.entry(3)).toEqual({
      ...written[3],
      examinedAt: startTime + day,
      v: 1,
      time: startTime + day,
      sequence: 3,
    });
    expect(await ledger.entry(4)).toEqual({ ...repeatableSearch, v: 1, time: startTime + day, sequence: 4 });
  });

  test('the same entries give the same files today', async () => {
    const store = new MemoryLedgerStore();
    await writeLaterKinds(store);
    await expectSameFiles(store, await goldenStore(later));
  });
});

describe('golden ledger of saved searches', () => {
  const folder = join(import.meta.dirname, 'ledger-saved-searches');

  test('verifies, and says what was written into it', async () => {
    const store = await goldenStore(folder);
    expect((await damagesIn(store)).found).toEqual([]);
    const ledger = await Ledger.open({ store, clock: { now: () => startTime } });
    const written = [
      savedDraft('saved-1', 'Fährten', 'fähre OR "VF-2217"'),
      savedDraft('saved-2', 'birds', 'heron'),
      savedDraft('saved-1', 'Fährten', 'fähre w/5 riss*'),
      discardedDraft('saved-2'),
    ];
    const times = [0, 0, 1000, 2000].map((later) => startTime + later);
    for (const [index, draft] of written.entries()) {
      const sequence = index + 1;
      expect(await ledger.entry(sequence)).toEqual({ ...draft, v: 1, time: times[index], sequence });
    }
  });

  test('the same entries give the same files today', async () => {
    const store = new MemoryLedgerStore();
    await writeSavedSearches(store);
    await expectSameFiles(store, await goldenStore(folder));
  });
});

async function expectSameFiles(store: MemoryLedgerStore, frozen: MemoryLedgerStore): Promise<void> {
  let files = 0;
  for await (const first of frozen.list(asSequence(0))) {
    expect(comparable(await store.read(first))).toBe(comparable(await frozen.read(first)));
    files += 1;
  }
  for await (const name of frozen.listSidecars()) {
    expect(unpacked(await store.readSidecar(name))).toBe(unpacked(await frozen.readSidecar(name)));
    files += 1;
  }
  expect(files).toBeGreaterThan(4);
}

/** Compressors differ between processors, and with them the sidecar's hash and the signature over it; nothing else may. */
function comparable(batch: Buffer | undefined): string {
  return String(batch)
    .replace(/"sidecar":"[0-9a-f]{64}"/u, '"sidecar":"…"')
    .replace(/"signature":"[^"]*"/u, '"signature":"…"');
}

function unpacked(sidecar: Buffer | undefined): string {
  return String(gunzipSync(sidecar ?? Buffer.alloc(0)));
}
