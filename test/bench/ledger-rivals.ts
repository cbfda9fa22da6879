/** Several processes that append to one ledger in S3: through one committer, and each by itself. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { newId, systemClock } from '#kernel';
import { Ledger } from '#ledger';
import { Bucket } from '#object-storage';
import { z } from 'zod';
import { credentials } from '../../scripts/services/environment.ts';
import { FileSigner } from '../../services/ledger/adapters/file-signer.ts';
import { ledgerStoreAt } from '../fault/ledger-place.ts';

export interface Rivalry {
  /** Of an S3 server that lets the tests' credentials in. */
  readonly endpoint: string;
  readonly writers: number;
  readonly entriesPerCall: number;
  readonly seconds: number;
  readonly lingerMs: number;
}

const secret = 'a secret of the processes';
const resultSchema = z.object({ latencies: z.array(z.number()), elapsedMs: z.number(), cpuMs: z.number() });
type Result = z.infer<typeof resultSchema>;

/** A child process whose lines are read one at a time. */
class Child {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(script: string, args: readonly string[]) {
    const child = spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child = child;
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    const { done, value } = await this.#lines.next();
    if (done === true) throw new Error('a process ended too early');
    return value;
  }

  say(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  end(): void {
    this.#child.kill();
  }
}

/** Measures both ways, in turn, on ledgers of their own, and prints a line for each. */
export async function measureRivals(rivalry: Rivalry): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'muniment-bench-rivals-'));
  for (const way of ['one committer', 'each by itself'] as const) {
    report(
      `S3, ${rivalry.writers} writers of ${rivalry.entriesPerCall}, ${way}`,
      await run(rivalry, way, folder),
      rivalry,
    );
  }
  await rm(folder, { recursive: true });
}

async function run(rivalry: Rivalry, way: 'one committer' | 'each by itself', folder: string): Promise<Result[]> {
  const { endpoint, entriesPerCall, lingerMs, seconds, writers } = rivalry;
  const place = await newLedger(endpoint, join(folder, `${way}.pem`));
  const keyFile = join(folder, `${way}.pem`);
  const committer =
    way === 'one committer'
      ? new Child(join(import.meta.dirname, '../fault/ledger-committer.ts'), [place, keyFile, secret, String(lingerMs)])
      : undefined;
  const address = (await committer?.line())?.slice('at '.length) ?? '';
  const args = [place, keyFile, secret, address, String(entriesPerCall), String(seconds)];
  const script = join(import.meta.dirname, 'ledger-rival.ts');
  const rivals = Array.from({ length: writers }, () => new Child(script, args));
  for (const rival of rivals) await rival.line();
  for (const rival of rivals) rival.say('go');
  const results = await Promise.all(rivals.map(async (rival) => resultSchema.parse(JSON.parse(await rival.line()))));
  committer?.end();
  return results;
}

async function newLedger(endpoint: string, keyFile: string): Promise<string> {
  const options = { bucket: `bench-${newId()}`, prefix: '', region: 'us-east-1', endpoint, credentials };
  await using bucket = new Bucket(options);
  await bucket.make({ objectLock: true });
  const place = `${endpoint}/${options.bucket}`;
  const created = { store: await ledgerStoreAt(place), signer: await FileSigner.create(keyFile), clock: systemClock };
  await Ledger.create({ ...created, origin: 'archive.example/bench', actor: 'cli' });
  return place;
}

function report(what: string, results: readonly Result[], { entriesPerCall, seconds }: Rivalry): void {
  const latencies = results.flatMap((result) => result.latencies).toSorted((a, b) => a - b);
  const at = (part: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))] ?? 0;
  const shares = results.map((result) => result.latencies.length);
  const rate = Math.round((latencies.length * entriesPerCall) / seconds);
  const cpu = Math.round(results.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / results.length);
  console.log(
    `${what}: ${rate} entries/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, calls per writer ${Math.min(...shares)} to ` +
      `${Math.max(...shares)}, processor time per writer ${cpu} ms`,
  );
}
