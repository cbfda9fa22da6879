import { messageOf, systemCodeOf } from '#kernel';
import { isObjectStorageFault, ObjectStorageFault } from '#object-storage';
import { ArchiveFault } from '../../archive-fault.ts';

const REPEAT = 'Nothing of this call was acknowledged; it can be repeated.';

/** What went wrong below the archive, as its own fault. */
export function asArchiveFault(error: unknown): unknown {
  if (error instanceof ArchiveFault) return error;
  const system = systemCodeOf(error);
  if (error instanceof ObjectStorageFault) {
    return unavailable(error.message, `${error.remedy} ${REPEAT}`, error, { storage: error.code });
  }
  // A file that a message was to be read from.
  if (system !== undefined) return unavailable(messageOf(error), `Check the local disk. ${REPEAT}`, error, { system });
  return error;
}

/** Runs a call of the port, so that it fails with the port's faults. */
export async function inArchive<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    throw asArchiveFault(error);
  }
}

export async function* streamInArchive<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item> {
  try {
    yield* items;
  } catch (error) {
    throw asArchiveFault(error);
  }
}

/** The result, or undefined where storage has no such object any more. */
export async function unlessGone<Result>(request: Promise<Result>): Promise<Result | undefined> {
  try {
    return await request;
  } catch (error) {
    if (isObjectStorageFault(error, 'not-found')) return undefined;
    throw error;
  }
}

export function weakLock(key: string, problem: string, cause?: unknown): ArchiveFault {
  const remedy = `Run doctor: the bucket or the credentials do not keep Object Lock. ${REPEAT}`;
  return unavailable(`The object storage does not lock ${key}: ${problem}`, remedy, cause, { key });
}

export function unavailable(
  message: string,
  remedy: string,
  cause: unknown,
  facts: Readonly<Record<string, string>> = {},
): ArchiveFault {
  return new ArchiveFault('store-unavailable', message, { remedy, cause, facts });
}
