import { expect } from '@jest/globals';
import { type Digest, systemClock } from '#kernel';
import { Bucket } from '#object-storage';
import { S3LedgerStore } from '../services/ledger/adapters/s3-ledger-store.ts';
import { refOf } from '../services/archive/adapters/s3/record-format.ts';
import type { Cluster } from './cluster.ts';
import { wordOf } from './cluster-mail.ts';
import { capturesIn, type Recorded, recordedFrom, sightingsIn } from './recorded.ts';
import { mended } from './mended.ts';
import { testServerCredentials } from './servers.ts';

const sampleWords = 5;

interface StatusAnswer {
  readonly messages: number;
  readonly sightings: number;
  readonly entries: number;
  readonly indexedThrough: number;
  readonly complete: boolean;
}

/** The bucket of the record, past the proxy, as its owner sees it. */
export function recordBucket({ placed, servers }: Cluster): Bucket {
  const { host, pathname } = new URL(placed.url);
  return new Bucket({
    bucket: host,
    prefix: `${pathname.slice(1)}/`,
    region: 'us-east-1',
    endpoint: servers.s3.url,
    credentials: testServerCredentials,
  });
}

/** The ledger, read from the bucket without any of the processes. */
export async function ledgerIn(bucket: Bucket): Promise<Recorded> {
  await using store = await S3LedgerStore.open({ bucket, clock: systemClock });
  return await recordedFrom(store);
}

/**
 * All of these messages are there, once, findable, and nothing else: by the ledger in the bucket, by the bucket's own
 * listing, by the index, and by `verify --full`.
 */
export async function expectWhole(cluster: Cluster, digests: Iterable<Digest>): Promise<void> {
  const expected = [...digests].toSorted();
  let status = await cluster.api<StatusAnswer>('status');
  const missing = () => `${expected.length} messages in ledger and index, of which it says ${JSON.stringify(status)}`;
  await mended(missing, async () => {
    status = await cluster.api<StatusAnswer>('status');
    return status.complete && status.messages === expected.length;
  });
  expect(status.indexedThrough).toBeGreaterThanOrEqual(status.entries);
  await using bucket = recordBucket(cluster);
  const recorded = await ledgerIn(bucket);
  expect(capturesIn(recorded)).toEqual(expected.map((digest) => `${digest}/1`));
  expect(status.sightings).toBe(new Set(sightingsIn(recorded)).size);
  expect(await storedIn(bucket)).toEqual(expected);
  await expectFindable(cluster, expected);
  await expectVerified(cluster, expected.length);
}

/** `verify --full` finds so many messages and no fault, and the index is as far as the ledger. */
export async function expectVerified(cluster: Cluster, messages: number): Promise<void> {
  await mended('the index', async () => (await cluster.api<StatusAnswer>('status')).complete);
  const verified = await cluster.program.run('verify', '--full');
  expect(verified.json).toEqual([expect.objectContaining({ findings: 0, full: true })]);
  expect((await cluster.api<StatusAnswer>('status')).messages).toBe(messages);
}

/** Digest of each version of each object of the record: a message that was stored twice is there twice. */
async function storedIn(bucket: Bucket): Promise<string[]> {
  const digests: string[] = [];
  for await (const { key, kind } of bucket.versions('archive/')) {
    digests.push(kind === 'version' ? (refOf(key)?.digest ?? key) : `marker at ${key}`);
  }
  return digests.toSorted();
}

interface Page {
  readonly hits: readonly { readonly digest: string }[];
  readonly total: number;
  readonly complete: boolean;
  readonly next?: string;
}

async function expectFindable(cluster: Cluster, expected: readonly string[]): Promise<void> {
  const found: string[] = [];
  for (let after: string | undefined = ''; after !== undefined;) {
    const from = after === '' ? '' : `&after=${encodeURIComponent(after)}`;
    const page: Page = await cluster.api<Page>(`search?q=*&limit=1000${from}`);
    expect(page).toMatchObject({ total: expected.length, complete: true });
    found.push(...page.hits.map(({ digest }) => digest));
    after = page.next;
  }
  expect(found.toSorted()).toEqual(expected);
  for (let number = 0; number < sampleWords; number += 1) {
    expect(await cluster.api<Page>(`search?q=${wordOf(number)}`)).toMatchObject({ total: 1, complete: true });
  }
}
