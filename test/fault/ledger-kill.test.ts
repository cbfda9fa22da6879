import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemClock } from '#kernel';
import { Ledger } from '#ledger';
import { FileSigner } from '../../services/ledger/adapters/file-signer.ts';
import { FilesystemLedgerStore } from '../../services/ledger/adapters/filesystem-ledger-store.ts';
import { seeds } from '../soak.ts';
import { captureDraft, damagesIn, randomFrom } from '../sample-ledger.ts';

const kills = seeds(20, 200);
const appender = join(import.meta.dirname, 'ledger-appender.ts');
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muniment-kill-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Lets a process append until it has acknowledged `acks`, and some random work more, then kills it. */
async function killAfter(acks: number, spin: number, start: number): Promise<number[]> {
  const args = [appender, join(folder, 'ledger'), join(folder, 'key.pem'), String(start)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const done: number[] = [];
  for await (const line of createInterface(child.stdout)) {
    done.push(Number(line.slice('done '.length)));
    if (done.length !== acks) continue;
    for (let i = 0; i < spin; i++) await new Promise((resolve) => setImmediate(resolve));
    child.kill('SIGKILL');
  }
  await exited;
  return done;
}

const sightingOf = (number: number): string => {
  const draft = captureDraft(number);
  return draft.kind === 'capture' ? draft.sighting : '';
};

test(`invariants 1 and 8: of ${kills} processes killed while appending, every acknowledged entry is there, once`, async () => {
  const signer = await FileSigner.create(join(folder, 'key.pem'));
  const store = await FilesystemLedgerStore.open(join(folder, 'ledger'));
  await Ledger.create({ store, signer, clock: systemClock, origin: 'archive.example/kill', actor: 'cli' });
  const random = randomFrom('kill');
  const acknowledged: number[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const draw = random(2);
    acknowledged.push(...(await killAfter(1 + ((draw[0] ?? 0) % 40), (draw[1] ?? 0) % 64, kill * 100_000)));
  }
  const again = await FilesystemLedgerStore.open(join(folder, 'ledger'));
  const { found } = await damagesIn(again);
  expect(found).toEqual([]);
  const ledger = await Ledger.open({ store: again, signer, clock: systemClock });
  const sightings: string[] = [];
  for await (const batch of ledger.read(0)) {
    for (const entry of batch.entries) if (entry.kind === 'capture') sightings.push(entry.sighting);
  }
  const recovered = new Set(sightings);
  expect(recovered.size).toBe(sightings.length);
  expect(acknowledged.filter((number) => !recovered.has(sightingOf(number)))).toEqual([]);
  expect(acknowledged.length).toBeGreaterThan(kills);
  await ledger.eraseOrphanedSidecars();
  expect((await readdir(join(folder, 'ledger'))).filter((name) => name.startsWith('.'))).toEqual([]);
}, 600_000);
