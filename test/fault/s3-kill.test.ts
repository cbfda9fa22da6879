import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import type { BlobStore } from '#archive';
import { keyOf } from '../../services/archive/adapters/s3/record-format.ts';
import { noise, orderFor, scrubbed } from '../contract/blob-puts.ts';
import { S3Archive } from '../contract/s3-archive.ts';
import { describeVariant } from '../describe-variant.ts';
import { ownServer } from '../servers.ts';
import { seeds } from '../soak.ts';
import { crashPut } from './archive-crash-puts.ts';
import { runAndKill, Said } from './archive-crash-said.ts';
import { retainedPut } from './s3-crash-puts.ts';

const CHILD = fileURLToPath(new URL('s3-archive-child.ts', import.meta.url));

describeVariant('s3', 'kill -9 while messages are stored, held and destroyed in a bucket', () => {
  test('what was acknowledged is there with its lock, and what was destroyed is gone (invariants 1, 13, 17)', async () => {
    await using archive = await S3Archive.make('s3');
    const retainUntil = (await archive.owner.serverTime()) + 3_600_000;
    const rounds = seeds(6, 60);
    const moments = noise(43, rounds);
    const said = new Said();
    for (let round = 0; round < rounds; round += 1) {
      const args = [JSON.stringify(archive.options), String(round * 6_000), String(retainUntil)];
      await runAndKill(CHILD, args, 3 + ((moments[round] ?? 0) % 60), said);
    }
    expect(said.done.put.size).toBeGreaterThan(rounds);
    expect(said.done.dispose.size).toBeGreaterThan(0);
    await using store = await archive.open();
    await expectStored(store, said, retainUntil);
    // What the next start does with disposals that were ordered and not certified.
    const ordered = [...said.tried.dispose].filter((number) => !said.done.dispose.has(number));
    for (const number of ordered) await store.dispose(orderFor(crashPut(number)));
    const everything = await archive.everything();
    for (const number of said.tried.dispose) expect(everything.includes(crashPut(number).bytes)).toBe(false);
    expect(await scrubbed(store)).toEqual([]);
  });
});

/** A server that was killed takes a while to come back. */
const PATIENT = { attemptsMax: 1_000, backOffMillisecondsMax: 200 };

describeVariant('s3', 'kill -9 of the object storage while messages are stored', () => {
  test('what was acknowledged is there with its lock, and storing goes on where it was (invariants 1, 24)', async () => {
    await using server = await ownServer('s3');
    await using archive = await S3Archive.make('s3', { endpoint: server.url, limits: PATIENT });
    await using store = await archive.open();
    const retainUntil = (await archive.owner.serverTime()) + 3_600_000;
    const lock = { legalHold: true, retainUntil };
    const acknowledged: number[] = [];
    for (let round = 0; round < seeds(3, 30); round += 1) {
      const numbers = Array.from({ length: 200 }, (_, index) => round * 200 + index);
      let killed: Promise<void> | undefined;
      const stored = numbers.map(async (number) => {
        const [receipt] = await store.putAll([{ ...crashPut(number), lock }]);
        expect(receipt?.lock).toEqual(lock);
        acknowledged.push(number);
        if (acknowledged.length % 200 === 60) killed = server.kill().then(async () => server.start());
      });
      await Promise.all(stored);
      expect(killed).toBeDefined();
      await killed;
    }
    expect(acknowledged).toHaveLength(seeds(3, 30) * 200);
    for (const number of acknowledged) {
      const put = crashPut(number);
      expect((await store.read(put)).equals(put.bytes)).toBe(true);
      expect((await store.stat(put))?.lock).toEqual(lock);
      expect(await archive.owner.versionsOf(keyOf(put))).toHaveLength(1);
    }
    expect(await scrubbed(store)).toEqual([]);
  });
});

async function expectStored(store: BlobStore, said: Said, retainUntil: number): Promise<void> {
  for (const number of said.done.dispose) {
    await expect(store.read(crashPut(number))).rejects.toMatchObject({ code: 'disposed' });
  }
  for (const number of said.done.put) {
    const put = crashPut(number);
    if (said.tried.dispose.has(number)) continue;
    expect((await store.read(put)).equals(put.bytes)).toBe(true);
    const lock = { ...retainedPut(number, retainUntil).lock, legalHold: said.done.hold.has(number) };
    if (said.done.hold.has(number) || !said.tried.hold.has(number)) expect((await store.stat(put))?.lock).toEqual(lock);
  }
}
