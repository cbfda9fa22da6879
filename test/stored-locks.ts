import {
  HeadObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsOutput,
  type ListObjectVersionsRequest,
  S3Client,
} from '@aws-sdk/client-s3';
import type { Cluster } from './cluster.ts';
import { testServerCredentials } from './servers.ts';

const askedAtOnce = 16;

/** What the S3 server says of one version of an object in the record. */
export interface StoredLock {
  /** As the key names it. */
  readonly digest: string;
  readonly generation: number;
  /** Object Lock's legal hold. */
  readonly held: boolean;
  readonly mode: string | undefined;
  readonly retainUntil: number | undefined;
  /** What stands where a message was, so that it is not stored again. */
  readonly isTombstone: boolean;
}

/** Every version of every message in the bucket, read with the plain client of S3 and nothing of the program. */
export async function storedLocks({ placed, servers }: Cluster): Promise<readonly StoredLock[]> {
  const { host: bucket, pathname } = new URL(placed.url);
  const client = new S3Client({
    endpoint: servers.s3.url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: testServerCredentials,
  });
  try {
    const versions = await versionsIn(client, bucket, `${pathname.slice(1)}/archive/`);
    const found: StoredLock[] = [];
    for (let at = 0; at < versions.length; at += askedAtOnce) {
      const some = versions.slice(at, at + askedAtOnce);
      found.push(...(await Promise.all(some.map((version) => lockOf(client, bucket, version)))));
    }
    return found;
  } finally {
    client.destroy();
  }
}

interface Version {
  readonly key: string;
  readonly versionId: string;
}

async function versionsIn(client: S3Client, bucket: string, prefix: string): Promise<Version[]> {
  const found: Version[] = [];
  for await (const { Versions = [] } of pagesOf(client, bucket, prefix)) {
    for (const { Key = '', VersionId = '' } of Versions) found.push({ key: Key, versionId: VersionId });
  }
  return found;
}

async function* pagesOf(client: S3Client, bucket: string, prefix: string): AsyncGenerator<ListObjectVersionsOutput> {
  for (
    let from: Pick<ListObjectVersionsRequest, 'KeyMarker' | 'VersionIdMarker'> | undefined = {};
    from !== undefined;
  ) {
    const page: ListObjectVersionsOutput = await client.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, ...from }),
    );
    yield page;
    const { IsTruncated: more, NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
    from = more === true ? { KeyMarker, VersionIdMarker } : undefined;
  }
}

async function lockOf(client: S3Client, bucket: string, { key, versionId }: Version): Promise<StoredLock> {
  const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
  const [digest = '', generation = ''] = (key.split('/').at(-1) ?? '').split('.');
  return {
    digest,
    generation: Number(generation),
    held: head.ObjectLockLegalHoldStatus === 'ON',
    mode: head.ObjectLockMode,
    retainUntil: head.ObjectLockRetainUntilDate?.getTime(),
    isTombstone: head.Metadata?.['kind'] === 'disposed',
  };
}
