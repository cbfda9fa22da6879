import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { BlobRef, BlobStore } from '#archive';
import { listed, NO_LOCK, noise, orderFor, putOf, scrubbed, STORED_AT, streamed } from './blob-puts.ts';

export interface BlobStoreUnderTest extends AsyncDisposable {
  readonly store: BlobStore;
  /** Size of a message that this store, as configured here, only streams. */
  readonly largeBytes: number;
  /** Changes a stored byte of a message behind the store's back; absent where a test cannot get at it. */
  readonly damage?: (ref: BlobRef) => Promise<void>;
  /** A moment that the store's clock has reached; storage may take no end of retention before it. A whole second. */
  readonly now?: number;
  /** Waits until the store's clock has passed a moment; absent where its locks are judged by the order alone. */
  readonly passed?: (moment: number) => Promise<void>;
  /** Faults of the server that are known and that no client can mend: what they break is not asked for. */
  readonly serverFaults?: { readonly deletesWhatIsHeldMeanwhile?: true };
  /** The store as the next process finds it; absent where it is not durable. */
  readonly reopen?: () => Promise<BlobStore>;
  /** Whether any stored byte string contains this one; absent where a test cannot look. */
  readonly contains?: (bytes: Buffer) => Promise<boolean>;
}

const HELD = { legalHold: true, retainUntil: null };

/** What every BlobStore promises. One small test file per adapter runs it. */
export function describeBlobStore(name: string, open: () => Promise<BlobStoreUnderTest>): void {
  describe(`${name} as a BlobStore`, () => {
    let subject: BlobStoreUnderTest;
    let store: BlobStore;
    let later: number;

    beforeEach(async () => {
      subject = await open();
      store = subject.store;
      later = (subject.now ?? STORED_AT) + 1_000_000;
    });

    /** The end of retention that storage keeps when this one is asked for. */
    function kept(until: number): number {
      const step = store.capabilities.retentionStepMilliseconds;
      return Math.ceil(until / step) * step;
    }

    afterEach(async () => subject[Symbol.asyncDispose]());

    describe('storing', () => {
      test.each([
        ['empty', Buffer.alloc(0)],
        ['one byte', Buffer.from([0])],
        ['text', Buffer.from('Subject: hello\r\n\r\nbody\r\n'.repeat(50))],
        ['bytes that are no text', noise(1, 5_000)],
        ['all byte values', Buffer.from(Array.from({ length: 256 }, (_, value) => value))],
        ['zeros', Buffer.alloc(10_000)],
        ['something that looks like a stored frame', Buffer.from('MUNISEG1\u{1}\u{0}\u{ab}FRM'.repeat(9), 'latin1')],
      ])('what was stored reads back byte for byte: %s (invariant 2)', async (_what, bytes) => {
        const put = putOf(bytes);
        const [receipt] = await store.putAll([put]);
        expect(receipt).toEqual({ digest: put.digest, generation: 1, outcome: 'stored', lock: NO_LOCK });
        expect(await store.read(put)).toEqual(bytes);
        expect(await streamed(store, put)).toEqual(bytes);
      });

      test('a zstd frame that the caller has is taken for the same bytes', async () => {
        const bytes = Buffer.from('compressible '.repeat(500));
        const put = putOf(bytes, { zstd: zstdCompressSync(bytes) });
        await store.putAll([put]);
        expect(await store.read(put)).toEqual(bytes);
      });

      test('stat names size, lock, sighting and time as they were given', async () => {
        const lock = { legalHold: true, retainUntil: later };
        const put = putOf('a message', { lock, sighting: 'sighting-äß', storedAt: 1_234 });
        await store.putAll([put]);
        expect(await store.stat(put)).toEqual({
          digest: put.digest,
          generation: 1,
          size: 9,
          lock,
          sighting: 'sighting-äß',
          storedAt: 1_234,
        });
      });

      test('content may come from a file, small or large', async () => {
        const folder = await mkdtemp(join(tmpdir(), 'blob-content-'));
        try {
          const puts = [noise(2, 2_000), noise(3, subject.largeBytes)].map((bytes) => putOf(bytes));
          for (const put of puts) await writeFile(join(folder, put.digest), put.bytes);
          const fromFiles = puts.map((put) => ({ ...put, content: { file: join(folder, put.digest) } }));
          const receipts = await store.putAll(fromFiles);
          expect(receipts.map((receipt) => receipt.outcome)).toEqual(['stored', 'stored']);
          for (const put of puts) expect((await streamed(store, put)).equals(put.bytes)).toBe(true);
        } finally {
          await rm(folder, { recursive: true });
        }
      });

      test('a message too large for memory is streamed, and read refuses it', async () => {
        const put = putOf(noise(4, subject.largeBytes));
        await store.putAll([put, put]);
        await expect(store.read(put)).rejects.toMatchObject({ code: 'too-large' });
        expect((await streamed(store, put)).equals(put.bytes)).toBe(true);
        expect(await store.putAll([put])).toMatchObject([{ outcome: 'exists' }]);
      });

      test('storing again changes nothing and says so (invariant 8)', async () => {
        const put = putOf('again');
        await store.putAll([put]);
        const before = await store.stat(put);
        expect(await store.putAll([{ ...put, sighting: 'another', storedAt: 9 }])).toMatchObject([
          { outcome: 'exists' },
        ]);
        expect(await store.stat(put)).toEqual(before);
        expect(await listed(store)).toHaveLength(1);
      });

      test('the same message twice in one call counts once', async () => {
        const put = putOf('twice');
        const receipts = await store.putAll([put, putOf('other'), put]);
        expect(receipts.map((receipt) => receipt.outcome)).toEqual(['stored', 'stored', 'exists']);
        expect(await listed(store)).toHaveLength(2);
      });

      test('calls at the same time store each message once', async () => {
        const puts = Array.from({ length: 40 }, (_, index) => putOf(`message ${index % 10}`));
        const receipts = (await Promise.all(puts.map(async (put) => store.putAll([put])))).flat();
        expect(receipts.filter((receipt) => receipt.outcome === 'stored')).toHaveLength(10);
        expect(await listed(store)).toHaveLength(10);
        for (const put of puts) expect(await store.read(put)).toEqual(put.bytes);
      });

      test('an empty call is answered', async () => {
        expect(await store.putAll([])).toEqual([]);
      });

      test.each([
        ['other bytes', { bytes: Buffer.from('tampered') }],
        ['fewer bytes', { bytes: Buffer.from('origina') }],
      ])('content that is not what the digest says is refused, with the whole call: %s', async (_what, content) => {
        const good = putOf('good');
        const bad = { ...putOf('original'), content };
        await expect(store.putAll([good, bad])).rejects.toMatchObject({ code: 'digest-mismatch' });
        expect(await store.stat(bad)).toBeUndefined();
        await expect(store.read(bad)).rejects.toMatchObject({ code: 'not-found' });
      });

      test('large content that is not what the digest says leaves nothing', async () => {
        const put = { ...putOf(noise(5, subject.largeBytes)), content: { bytes: noise(6, subject.largeBytes) } };
        await expect(store.putAll([put])).rejects.toMatchObject({ code: 'digest-mismatch' });
        expect(await listed(store)).toEqual([]);
        expect(await scrubbed(store)).toEqual([]);
      });
    });

    describe('what is not there', () => {
      test('is not found by read, stream, stat, and can be neither locked nor held', async () => {
        const absent = putOf('absent');
        await expect(store.read(absent)).rejects.toMatchObject({ code: 'not-found' });
        await expect(streamed(store, absent)).rejects.toMatchObject({ code: 'not-found' });
        expect(await store.stat(absent)).toBeUndefined();
        await expect(store.extendRetention([absent], later)).rejects.toMatchObject({ code: 'not-found' });
        await expect(store.setLegalHolds([absent], true)).rejects.toMatchObject({ code: 'not-found' });
      });

      test('an unknown message among known ones leaves all of them as they were', async () => {
        const put = putOf('known');
        await store.putAll([put]);
        await expect(store.setLegalHolds([put, putOf('absent')], true)).rejects.toMatchObject({ code: 'not-found' });
        expect((await store.stat(put))?.lock).toEqual(NO_LOCK);
      });
    });

    describe('locks', () => {
      test('retention only lengthens (invariant 15)', async () => {
        const put = putOf('kept');
        await store.putAll([put]);
        await store.extendRetention([put], later);
        await store.extendRetention([put], later - 500);
        expect((await store.stat(put))?.lock).toEqual({ legalHold: false, retainUntil: later });
        await store.extendRetention([put], later + 500);
        expect((await store.stat(put))?.lock.retainUntil).toBe(kept(later + 500));
      });

      test('storing again with a stronger lock strengthens, with a weaker one does not weaken', async () => {
        const put = putOf('locked', { lock: { legalHold: true, retainUntil: later } });
        await store.putAll([put]);
        const both = { legalHold: true, retainUntil: later };
        expect(await store.putAll([{ ...put, lock: NO_LOCK }])).toMatchObject([{ outcome: 'exists', lock: both }]);
        const longer = { legalHold: false, retainUntil: later + 1 };
        const merged = { legalHold: true, retainUntil: kept(later + 1) };
        expect(await store.putAll([{ ...put, lock: longer }])).toMatchObject([{ lock: merged }]);
        expect((await store.stat(put))?.lock).toEqual(merged);
      });

      test('a hold is set and lifted, and leaves retention alone', async () => {
        const put = putOf('held', { lock: { legalHold: false, retainUntil: later } });
        await store.putAll([put]);
        await store.setLegalHolds([put], true);
        expect((await store.stat(put))?.lock).toEqual({ legalHold: true, retainUntil: later });
        await store.setLegalHolds([put], false);
        expect((await store.stat(put))?.lock).toEqual({ legalHold: false, retainUntil: later });
      });

      test('changes at the same time to one lock are all kept', async () => {
        const put = putOf('contended');
        await store.putAll([put]);
        await Promise.all([
          store.extendRetention([put], later),
          store.setLegalHolds([put], true),
          store.extendRetention([put], later + 7),
          store.putAll([{ ...put, lock: { legalHold: false, retainUntil: later + 3 } }]),
        ]);
        expect((await store.stat(put))?.lock).toEqual({ legalHold: true, retainUntil: kept(later + 7) });
      });

      test('many messages are held in one call', async () => {
        const puts = Array.from({ length: 500 }, (_, index) => putOf(`bulk ${index}`));
        await store.putAll(puts);
        await store.setLegalHolds(puts, true);
        expect((await listed(store)).every((stat) => stat.lock.legalHold)).toBe(true);
      });
    });

    describe('disposal', () => {
      test('destroys: not read, not listed, not stored again (invariant 17)', async () => {
        const put = putOf('to be destroyed');
        const other = putOf('to be kept');
        await store.putAll([put, other]);
        expect(await store.dispose(orderFor(put))).toEqual({ versions: 1, size: put.size });
        await expect(store.read(put)).rejects.toMatchObject({ code: 'disposed' });
        await expect(streamed(store, put)).rejects.toMatchObject({ code: 'disposed' });
        expect(await store.stat(put)).toBeUndefined();
        expect((await listed(store)).map((stat) => stat.digest)).toEqual([other.digest]);
        await expect(store.putAll([other, put])).rejects.toMatchObject({ code: 'disposed' });
        await expect(store.setLegalHolds([put], true)).rejects.toMatchObject({ code: 'not-found' });
        expect(await store.read(other)).toEqual(other.bytes);
        expect(await scrubbed(store)).toEqual([]);
      });

      test('can be repeated, and of what never was destroys nothing', async () => {
        const put = putOf('once');
        await store.putAll([put]);
        await store.dispose(orderFor(put));
        expect(await store.dispose(orderFor(put))).toEqual({ versions: 0, size: put.size });
        const never = putOf('never');
        expect(await store.dispose(orderFor(never))).toEqual({ versions: 0, size: 0 });
        expect(await store.dispose(orderFor(never))).toEqual({ versions: 0, size: 0 });
        expect(await store.stat(never)).toBeUndefined();
        await expect(store.putAll([never])).rejects.toMatchObject({ code: 'disposed' });
        await store.putAll([putOf('kept')]);
        for (const skipped of [put, undefined]) {
          const found: string[] = [];
          const isSkipped = ({ digest, generation }: BlobRef) => digest === skipped?.digest && generation === 1;
          for await (const { digest } of store.listDisposed(isSkipped)) found.push(digest);
          const expected = skipped === undefined ? [put.digest, never.digest] : [never.digest];
          expect(found.sort()).toEqual(expected.sort());
        }
      });

      test.each([
        ['a legal hold', () => HELD],
        ['retention beyond the order', () => ({ legalHold: false, retainUntil: later })],
      ])('is refused by %s, and nothing is destroyed (invariant 13)', async (_what, lock) => {
        const put = putOf('protected', { lock: lock() });
        await store.putAll([put]);
        await expect(store.dispose(orderFor(put, later - 1))).rejects.toMatchObject({ code: 'locked' });
        expect(await store.read(put)).toEqual(put.bytes);
      });

      test('is allowed once retention has ended and the hold is lifted', async () => {
        const soon = (subject.now ?? STORED_AT) + 1_000;
        const put = putOf('released', { lock: { legalHold: true, retainUntil: soon } });
        await store.putAll([put]);
        await store.setLegalHolds([put], false);
        const until = (await store.stat(put))?.lock.retainUntil ?? 0;
        expect(until).toBeGreaterThanOrEqual(soon);
        await subject.passed?.(until);
        expect((await store.dispose(orderFor(put, until))).versions).toBe(1);
      });

      test('a retention that has ended already is taken, and never reported as less than asked', async () => {
        const put = putOf('long over', { lock: { legalHold: false, retainUntil: STORED_AT - 1_000 } });
        const [receipt] = await store.putAll([put]);
        expect(receipt?.lock.retainUntil).toBeGreaterThanOrEqual(STORED_AT - 1_000);
        await store.extendRetention([put], STORED_AT - 500);
        expect((await store.stat(put))?.lock.retainUntil).toBeGreaterThanOrEqual(STORED_AT - 500);
      });

      test('a hold that is placed at the same time either refuses it or comes too late, never both', async () => {
        for (let round = 0; round < 10; round += 1) {
          const put = putOf(`race ${round}`);
          await store.putAll([put]);
          const hold = store.setLegalHolds([put], true).then(
            () => 'held',
            () => 'refused',
          );
          const disposal = store.dispose(orderFor(put)).then(
            () => 'destroyed',
            () => 'refused',
          );
          const both = [await hold, await disposal].sort();
          if (subject.serverFaults?.deletesWhatIsHeldMeanwhile !== true)
            expect(both).not.toEqual(['destroyed', 'held']);
          expect((await store.stat(put)) === undefined).toBe((await disposal) === 'destroyed');
        }
      });

      test('the same bytes come back as a new generation, apart from the old one', async () => {
        const first = putOf('generations');
        const second = { ...first, generation: 2, sighting: 'second' };
        await store.putAll([first]);
        await store.dispose(orderFor(first));
        expect(await store.putAll([second])).toMatchObject([{ generation: 2, outcome: 'stored' }]);
        expect(await store.read(second)).toEqual(first.bytes);
        await expect(store.read(first)).rejects.toMatchObject({ code: 'disposed' });
        expect((await listed(store)).map((stat) => stat.generation)).toEqual([2]);
      });

      test('two generations side by side are destroyed one at a time', async () => {
        const first = putOf('side by side');
        const second = { ...first, generation: 2 };
        await store.putAll([first, second]);
        await store.dispose(orderFor(first));
        expect(await store.read(second)).toEqual(first.bytes);
      });

      test('a large message is destroyed as well', async () => {
        const put = putOf(noise(7, subject.largeBytes));
        await store.putAll([put]);
        expect((await store.dispose(orderFor(put))).versions).toBe(1);
        await expect(streamed(store, put)).rejects.toMatchObject({ code: 'disposed' });
        expect(await scrubbed(store)).toEqual([]);
      });

      test('no stored byte of it remains where the medium can be looked at', async () => {
        const planted = noise(8, 300);
        const puts = [putOf(planted), putOf(Buffer.concat([planted, noise(9, subject.largeBytes)]))];
        await store.putAll(puts);
        if (subject.contains === undefined) return;
        expect(await subject.contains(planted)).toBe(true);
        for (const put of puts) await store.dispose(orderFor(put));
        expect(await subject.contains(planted)).toBe(false);
      });
    });

    test('list gives every message exactly once, and scrub of sound storage names nothing', async () => {
      const puts = Array.from({ length: 300 }, (_, index) => putOf(`listed ${index}`));
      for (let at = 0; at < puts.length; at += 70) await store.putAll(puts.slice(at, at + 70));
      const stats = await listed(store);
      expect(stats.map((stat) => stat.digest)).toEqual(puts.map((put) => put.digest).sort());
      const [first] = puts;
      const onlyFirst = await listed(store, ({ digest, generation }) => digest !== first?.digest || generation !== 1);
      expect(onlyFirst.map((stat) => stat.digest)).toEqual([first?.digest]);
      expect(await scrubbed(store)).toEqual([]);
    });

    test('damage is an error, never wrong bytes, and scrub names the message (invariant 26)', async () => {
      const puts = [putOf(noise(10, 4_000)), putOf(noise(11, subject.largeBytes)), putOf(noise(12, 4_000))];
      await store.putAll(puts);
      if (subject.damage === undefined) return;
      const [small, large, sound] = puts;
      if (small === undefined || large === undefined || sound === undefined) throw new Error('three puts');
      await subject.damage(small);
      await subject.damage(large);
      await expect(store.read(small)).rejects.toMatchObject({ code: 'damaged' });
      await expect(streamed(store, large)).rejects.toMatchObject({ code: 'damaged' });
      expect(await store.read(sound)).toEqual(sound.bytes);
      const found = new Set<string | undefined>();
      for await (const damage of store.scrub()) found.add(damage.ref?.digest);
      expect(found).toEqual(new Set([small.digest, large.digest]));
    });

    test('the next process finds everything as it was left', async () => {
      const puts = Array.from({ length: 20 }, (_, index) => putOf(`durable ${index}`));
      await store.putAll(puts);
      await store.setLegalHolds(puts.slice(0, 5), true);
      await store.extendRetention(puts.slice(3, 8), later);
      const gone = putOf('durable 19');
      await store.dispose(orderFor(gone));
      if (subject.reopen === undefined) {
        expect(store.capabilities.durable).toBe(false);
        return;
      }
      const before = await listed(store);
      store = await subject.reopen();
      expect(await listed(store)).toEqual(before);
      for (const put of puts.slice(0, 19)) expect(await store.read(put)).toEqual(put.bytes);
      await expect(store.putAll([gone])).rejects.toMatchObject({ code: 'disposed' });
    });
  });
}
