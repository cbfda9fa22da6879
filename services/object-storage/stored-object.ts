import { asDigest, type Digest } from '#kernel';
import type { LockMode } from './bucket-options.ts';

/** What is asked for at creation. Times are milliseconds since 1970; S3 keeps whole seconds: they are rounded up. */
export interface LockRequest {
  readonly retainUntil: number | null;
  readonly legalHold: boolean;
}

/** What storage says of one version. */
export interface StoredLock extends LockRequest {
  /** Undefined where no retention was ever set. */
  readonly mode: LockMode | undefined;
}

export interface ObjectHead {
  readonly key: string;
  /** Undefined in a bucket without versions. */
  readonly versionId: string | undefined;
  readonly size: number;
  readonly etag: string | undefined;
  /** sha256 that storage has computed or checked of the whole object; undefined where it has none, or one of the parts only. */
  readonly sha256: Digest | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly lock: StoredLock;
  /** Whether storage said anything of a lock: some leave it out for older versions; ask `lockOf` then. */
  readonly lockTold: boolean;
  readonly modifiedAt: number;
  /** The service's clock when it answered, in whole seconds; undefined where it does not say. */
  readonly servedAt: number | undefined;
}

export interface ReadObject extends ObjectHead {
  readonly bytes: Buffer;
}

/** A version of a key, or a delete marker that hides those before it. */
export interface ObjectVersion {
  readonly key: string;
  readonly versionId: string;
  readonly kind: 'version' | 'marker';
  readonly latest: boolean;
  /** 0 for a marker. */
  readonly size: number;
  readonly modifiedAt: number;
}

export interface ListedObject {
  readonly key: string;
  readonly size: number;
  readonly modifiedAt: number;
}

/** What GET and HEAD have in common in the client library's answers. */
export interface HeadAnswer {
  readonly ContentLength?: number | undefined;
  readonly ETag?: string | undefined;
  readonly VersionId?: string | undefined;
  readonly ChecksumSHA256?: string | undefined;
  readonly Metadata?: Record<string, string> | undefined;
  readonly LastModified?: Date | undefined;
  readonly ObjectLockMode?: string | undefined;
  readonly ObjectLockRetainUntilDate?: Date | undefined;
  readonly ObjectLockLegalHoldStatus?: string | undefined;
}

export function headOf(key: string, answer: HeadAnswer, servedAt: number | undefined): ObjectHead {
  return {
    key,
    versionId: answer.VersionId,
    size: answer.ContentLength ?? 0,
    etag: answer.ETag,
    sha256: digestOfChecksum(answer.ChecksumSHA256),
    metadata: answer.Metadata ?? {},
    lock: {
      mode: modeOf(answer.ObjectLockMode),
      retainUntil: answer.ObjectLockRetainUntilDate?.getTime() ?? null,
      legalHold: answer.ObjectLockLegalHoldStatus === 'ON',
    },
    lockTold: answer.ObjectLockMode !== undefined || answer.ObjectLockLegalHoldStatus !== undefined,
    modifiedAt: answer.LastModified?.getTime() ?? 0,
    servedAt,
  };
}

export function modeOf(name: string | undefined): LockMode | undefined {
  if (name === 'COMPLIANCE') return 'compliance';
  return name === 'GOVERNANCE' ? 'governance' : undefined;
}

/** S3's own spelling: base64. That of an object sent in parts ends in their number, and is not the digest of its bytes. */
function digestOfChecksum(checksum: string | undefined): Digest | undefined {
  if (checksum === undefined) return undefined;
  const bytes = Buffer.from(checksum, 'base64');
  return checksum.includes('-') || bytes.length !== 32 ? undefined : asDigest(bytes.toString('hex'));
}
