import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemClock } from '#kernel';
import { Ledger } from '#ledger';
import { FileSigner } from '../../services/ledger/adapters/file-signer.ts';
import { describeVariant } from '../describe-variant.ts';
import { lockedBucket } from '../s3-buckets.ts';
import { captureDraft, damagesIn, randomFrom } from '../sample-ledger.ts';
import { sharedServer } from '../servers.ts';
import { seeds } from '../soak.ts';
import { KilledCommitters } from './killed-committers.ts';
import { ledgerStoreAt } from './ledger-place.ts';

const rounds = seeds(4, 40);
const committers = seeds(4, 40);
const appender = join(import.meta.dirname, 'ledger-appender.ts');

async function newPlace(): Promise<string> {
  await using bucket = await lockedBucket('s3');
  return `${(await sharedServer('s3')).url}/${bucket.name}`;
}

function sightingOf(number: number): string {
  const draft = captureDraft(number);
  return draft.kind === 'capture' ? draft.sighting : '';
}

describeVariant('s3', 'processes that are killed while they append to S3', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muniment-s3-kill-'));
  });
  afterAll(async () => rm(folder, { recursive: true }));

  /** Lets a process append until it has acknowledged `acks`, then kills it after some turns of this one. */
  async function killAfter(place: string, acks: number, turns: number, start: number): Promise<number[]> {
    const args = [appender, place, join(folder, 'key.pem'), String(start)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const done: number[] = [];
    for await (const line of createInterface(child.stdout)) {
      done.push(Number(line.slice('done '.length)));
      if (done.length !== acks) continue;
      for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
      child.kill('SIGKILL');
    }
    return done;
  }

  test(`invariants 1 and 8: of ${rounds * 2} rivals that are killed, every acknowledged entry is there, once`, async () => {
    const place = await newPlace();
    const signer = await FileSigner.create(join(folder, 'key.pem'));
    const options = { store: await ledgerStoreAt(place), signer, clock: systemClock };
    const ledger = await Ledger.create({ ...options, origin: 'archive.example/s3', actor: 'cli' });
    const random = randomFrom('s3 kill');
    const acknowledged: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const rivals = [0, 1].map(async (rival) => {
        const [acks = 0, turns = 0] = random(2);
        return await killAfter(place, 1 + (acks % 20), turns, (2 * round + rival) * 100_000);
      });
      for (const done of await Promise.all(rivals)) acknowledged.push(...done);
    }
    expect((await damagesIn(options.store)).found).toEqual([]);
    await ledger.refresh();
    const sightings: string[] = [];
    for await (const batch of ledger.read(0)) {
      for (const entry of batch.entries) if (entry.kind === 'capture') sightings.push(entry.sighting);
    }
    const recovered = new Set(sightings);
    expect(recovered.size).toBe(sightings.length);
    expect(acknowledged.filter((number) => !recovered.has(sightingOf(number)))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(rounds);
  }, 600_000);

  test(`invariant 8: 8 writers lose nothing and write nothing twice while ${committers} committers are killed`, async () => {
    const place = await newPlace();
    await using killed = await KilledCommitters.at(() => place);
    await killed.survive(committers);
  }, 600_000);
});
