import { createHash } from 'node:crypto';
import { ObjectLockLegalHoldStatus, ObjectLockMode, ObjectLockRetentionMode } from '@aws-sdk/client-s3';
import type { LockMode } from './bucket-options.ts';
import type { LockRequest } from './stored-object.ts';

export interface PutOptions {
  /**
   * Undefined: the object gets no lock but the bucket's default. That no hold is wanted is not sent: saying so takes the
   * same right as lifting one.
   */
  readonly lock?: LockRequest;
  /** Names and values in ASCII. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly contentType?: string;
}

/** Two checks that the service makes of what arrives: Object Lock wants one, and not every service heeds the newer. */
export function integrityOf(bytes: Uint8Array): { readonly ContentMD5: string; readonly ChecksumSHA256: string } {
  return {
    ContentMD5: createHash('md5').update(bytes).digest('base64'),
    ChecksumSHA256: createHash('sha256').update(bytes).digest('base64'),
  };
}

export function fieldsOf(options: PutOptions, mode: LockMode) {
  const { lock, metadata, contentType } = options;
  return {
    ...(metadata !== undefined && { Metadata: { ...metadata } }),
    ...(contentType !== undefined && { ContentType: contentType }),
    ...(lock?.legalHold === true && { ObjectLockLegalHoldStatus: ObjectLockLegalHoldStatus.ON }),
    ...(lock !== undefined &&
      lock.retainUntil !== null && {
        ObjectLockMode: mode === 'compliance' ? ObjectLockMode.COMPLIANCE : ObjectLockMode.GOVERNANCE,
        ObjectLockRetainUntilDate: wholeSeconds(lock.retainUntil),
      }),
  };
}

export function retentionMode(mode: LockMode): ObjectLockRetentionMode {
  return mode === 'compliance' ? ObjectLockRetentionMode.COMPLIANCE : ObjectLockRetentionMode.GOVERNANCE;
}

export function holdStatus(legalHold: boolean): ObjectLockLegalHoldStatus {
  return legalHold ? ObjectLockLegalHoldStatus.ON : ObjectLockLegalHoldStatus.OFF;
}

/** S3 keeps whole seconds: a lock never ends before it was asked to. */
export function wholeSeconds(milliseconds: number): Date {
  return new Date(Math.ceil(milliseconds / 1_000) * 1_000);
}
