import {
  GetObjectLegalHoldCommand,
  GetObjectRetentionCommand,
  PutObjectLegalHoldCommand,
  PutObjectRetentionCommand,
} from '@aws-sdk/client-s3';
import type { LockMode } from './bucket-options.ts';
import type { Connection } from './connection.ts';
import { isObjectStorageFault } from './object-storage-fault.ts';
import { holdStatus, retentionMode, wholeSeconds } from './put-fields.ts';
import { modeOf, type StoredLock } from './stored-object.ts';

/** One version of one key, with the bucket it lies in. */
export interface VersionAddress {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId: string;
}

/** What storage says of a version's lock where it is asked for nothing else. @throws `not-found` */
export async function readLock(connection: Connection, address: VersionAddress): Promise<StoredLock> {
  const { client } = connection;
  const [retention, hold] = await Promise.all([
    absentAs(connection, address, async () => client.send(new GetObjectRetentionCommand(address))),
    absentAs(connection, address, async () => client.send(new GetObjectLegalHoldCommand(address))),
  ]);
  return {
    mode: modeOf(retention?.Retention?.Mode),
    retainUntil: retention?.Retention?.RetainUntilDate?.getTime() ?? null,
    legalHold: hold?.LegalHold?.Status === 'ON',
  };
}

/** An object without retention has "no such configuration", which is no failure; an object that is not there is one. */
async function absentAs<Answer>(
  connection: Connection,
  address: VersionAddress,
  request: () => Promise<Answer>,
): Promise<Answer | undefined> {
  try {
    return await connection.send(`read the lock of ${address.Key}`, request);
  } catch (error) {
    if (isObjectStorageFault(error) && isNoLock(error.facts['name'])) return undefined;
    throw error;
  }
}

function isNoLock(name: string | number | boolean | undefined): boolean {
  return name === 'NoSuchObjectLockConfiguration' || name === 'ObjectLockConfigurationNotFoundError';
}

export interface RetentionChange {
  readonly retainUntil: number;
  readonly mode: LockMode;
  /** Lets governance be shortened by who has the right to. Never set by what archives. */
  readonly bypassGovernance?: boolean;
}

export async function writeRetention(
  connection: Connection,
  address: VersionAddress,
  change: RetentionChange,
): Promise<void> {
  const command = new PutObjectRetentionCommand({
    ...address,
    Retention: { Mode: retentionMode(change.mode), RetainUntilDate: wholeSeconds(change.retainUntil) },
    ...(change.bypassGovernance === true && { BypassGovernanceRetention: true }),
  });
  await connection.send(`set the retention of ${address.Key}`, async () => connection.client.send(command));
}

export async function writeLegalHold(
  connection: Connection,
  address: VersionAddress,
  legalHold: boolean,
): Promise<void> {
  const command = new PutObjectLegalHoldCommand({ ...address, LegalHold: { Status: holdStatus(legalHold) } });
  await connection.send(`set the hold of ${address.Key}`, async () => connection.client.send(command));
}
