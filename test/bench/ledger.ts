/**
 * Appends, reads and verifies capture-like entries in batches of 256. Argument: how many entries (default 50,000).
 * With `--s3` it measures several processes on one ledger in S3 instead: `--endpoint URL` names a server (else one is started),
 * `--writers N`, `--entries N` per call, `--seconds N`, `--linger MS` of the committer.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stopwatch, systemClock } from '#kernel';
import { Ledger, type LedgerStore, MemoryHashTiles, verifyLedger } from '#ledger';
import { FilesystemLedgerStore } from '../../services/ledger/adapters/filesystem-ledger-store.ts';
import { MemoryLedgerStore } from '../../services/ledger/adapters/memory-ledger-store.ts';
import { startInTemporaryFolder } from '../../scripts/services/shared-servers.ts';
import { captureDraft, signerNamed } from '../sample-ledger.ts';
import { measureRivals } from './ledger-rivals.ts';

const batchEntries = 256;
const total = Number(process.argv[2] ?? 50_000);

async function measureOnS3(): Promise<void> {
  const number = (standard: number) => ({ type: 'string', default: String(standard) }) as const;
  const { values } = parseArgs({
    options: {
      s3: { type: 'boolean' },
      endpoint: { type: 'string' },
      writers: number(8),
      entries: number(64),
      seconds: number(10),
      linger: number(2),
    },
  });
  await using server = values.endpoint === undefined ? await startInTemporaryFolder('s3') : undefined;
  await measureRivals({
    endpoint: values.endpoint ?? server?.url ?? '',
    writers: Number(values.writers),
    entriesPerCall: Number(values.entries),
    seconds: Number(values.seconds),
    lingerMs: Number(values.linger),
  });
}

async function measure(name: string, store: LedgerStore): Promise<void> {
  const signer = signerNamed('bench');
  const options = { store, signer, clock: systemClock };
  const ledger = await Ledger.create({ ...options, origin: 'archive.example/bench', actor: 'cli' });
  const drafts = Array.from({ length: batchEntries }, (_, i) => captureDraft(i));
  const report = (what: string, elapsedMs: number, entries: number): void =>
    console.log(`${name} ${what}: ${((elapsedMs * 1000) / entries).toFixed(1)} µs per entry`);
  const cpu = process.cpuUsage();
  let elapsed = stopwatch();
  for (let at = 0; at < total; at += batchEntries) await ledger.append(drafts, { policy: 0 });
  const { size } = ledger.head;
  report('append', elapsed(), size);
  const used = process.cpuUsage(cpu);
  report('append, processor time', (used.user + used.system) / 1000, size);
  const fresh = await Ledger.open(options);
  const tiles = new MemoryHashTiles();
  elapsed = stopwatch();
  for await (const batch of fresh.read(0)) tiles.append(batch.leafHashes);
  report('read', elapsed(), size);
  elapsed = stopwatch();
  await fresh.checkpoint(tiles);
  for (let i = 0; i < 100; i++) await fresh.proof(tiles, Math.floor((i * size) / 100));
  report('proof with checkpoint', elapsed(), 100);
  elapsed = stopwatch();
  for await (const damage of verifyLedger(store)) throw new Error(`${damage.place}: ${damage.problem}`);
  report('verify', elapsed(), size);
}

async function measureHere(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'muniment-bench-ledger-'));
  await measure('memory', new MemoryLedgerStore());
  await measure('filesystem', await FilesystemLedgerStore.open(folder));
  await rm(folder, { recursive: true });
}

await (process.argv.includes('--s3') ? measureOnS3() : measureHere());
