import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { systemClock } from '#kernel';
import { type AppendOutcome, Ledger } from '#ledger';
import { Bucket } from '#object-storage';
import { S3LedgerStore } from '../../services/ledger/adapters/s3-ledger-store.ts';
import { describeVariant } from '../describe-variant.ts';
import { bucketOptions, lockedBucket } from '../s3-buckets.ts';
import { captureDraft, damagesIn, newLedger, randomFrom } from '../sample-ledger.ts';
import { sharedServer } from '../servers.ts';
import { type RequestFate, UnreliableHttp } from '../unreliable-http.ts';

const entries = 120;
const writers = 3;

async function untilAnswered(append: () => Promise<AppendOutcome>): Promise<AppendOutcome> {
  for (;;) {
    try {
      return await append();
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: 'store-unavailable' });
    }
  }
}

function sightingOf(number: number): string {
  const draft = captureDraft(number);
  return draft.kind === 'capture' ? draft.sighting : '';
}

describeVariant('s3', 'the ledger on S3 behind a bad line', () => {
  let proxy: UnreliableHttp;
  let bucket: Bucket;
  beforeEach(async () => {
    bucket = await lockedBucket('s3');
    proxy = await UnreliableHttp.before((await sharedServer('s3')).url);
  });
  afterEach(async () => {
    await proxy[Symbol.asyncDispose]();
    await bucket[Symbol.asyncDispose]();
  });

  test.each([
    { what: 'answers to writing get lost', fates: ['cut', 'done-but-503'] as const, methods: ['PUT'] },
    { what: 'the service is too busy', fates: ['503'] as const, methods: ['PUT', 'GET'] },
    { what: 'everything goes wrong', fates: ['cut', 'done-but-503', '503'] as const, methods: ['PUT', 'GET'] },
  ])(
    'invariant 8: nothing is lost and nothing is written twice where $what',
    async ({ fates, methods, what }) => {
      const direct = await S3LedgerStore.open({ bucket, clock: systemClock });
      const { ledger, options } = await newLedger(direct);
      const limits = { attemptsMax: 3, backOffMilliseconds: 1, backOffMillisecondsMax: 2 };
      await using through = new Bucket(await bucketOptions('s3', { bucket: bucket.name, endpoint: proxy.url, limits }));
      const store = await S3LedgerStore.open({ bucket: through, clock: systemClock });
      const random = randomFrom(what);
      const chance = (): number => random(4).readUInt32LE() / 2 ** 32;
      const opened = await Promise.all(
        Array.from({ length: writers }, (_, i) =>
          Ledger.open({ ...options, store, random: randomFrom(`${what} ${i}`), retry: { attempts: 3, pauseMs: 1 } }),
        ),
      );
      const suffered = new Set<RequestFate>();
      proxy.fate = (method) => {
        const fate =
          methods.includes(method) && chance() < 0.25 ? fates[Math.floor(chance() * fates.length)] : undefined;
        suffered.add(fate ?? 'answered');
        return fate ?? 'answered';
      };
      await Promise.all(
        opened.map(async (writer, i) => {
          for (let at = i; at < entries; at += writers) await untilAnswered(() => writer.append([captureDraft(at)]));
        }),
      );
      expect(suffered.size).toBe(fates.length + 1);
      // A start finishes what was cut short.
      expect((await damagesIn(await S3LedgerStore.open({ bucket, clock: systemClock }))).found).toEqual([]);
      await ledger.refresh();
      const found: string[] = [];
      for await (const batch of ledger.read(0)) {
        for (const entry of batch.entries) if (entry.kind === 'capture') found.push(entry.sighting);
      }
      expect(found.toSorted()).toEqual(Array.from({ length: entries }, (_, i) => sightingOf(i)).toSorted());
    },
    300_000,
  );

  test('invariant 8: an erasure that another process finishes while its request is repeated leaves one version', async () => {
    const direct = await S3LedgerStore.open({ bucket, clock: systemClock });
    await using through = new Bucket(await bucketOptions('s3', { bucket: bucket.name, endpoint: proxy.url }));
    const store = await S3LedgerStore.open({ bucket: through, clock: systemClock });
    const name = `${'0'.repeat(16)}-${'a'.repeat(32)}`;
    await direct.putSidecar(name, Buffer.from('what was aside'));
    let requests = 0;
    proxy.fate = async (method, path) => {
      if (method !== 'PUT' || !path.includes('/sidecar/')) return 'answered';
      if (requests++ === 0) return 'done-but-503';
      await S3LedgerStore.open({ bucket, clock: systemClock });
      return 'answered';
    };
    expect(await store.eraseFromSidecar(name, Buffer.alloc(0))).toBe('erased');
    expect(requests).toBe(2);
    expect(await direct.readSidecar(name)).toEqual(Buffer.alloc(0));
    const strays: string[] = [];
    for await (const stray of direct.listStrays()) strays.push(stray);
    expect(strays).toEqual([]);
  });
});
