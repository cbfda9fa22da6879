import type { Bucket, ListOptions, ObjectVersion } from '#object-storage';

/** All there is at one key. */
export interface KeyVersions {
  readonly key: string;
  /** Versions and delete markers, the newest first. */
  readonly all: readonly ObjectVersion[];
  /** The one that was there first: what anybody put over it later, a marker too, changes nothing. Undefined: only markers. */
  readonly oldest: ObjectVersion | undefined;
}

/** Every key under a prefix, in order, also those that a delete marker hides. */
export async function* keysWithVersions(
  bucket: Bucket,
  prefix: string,
  options: ListOptions = {},
): AsyncGenerator<KeyVersions> {
  let all: ObjectVersion[] = [];
  for await (const version of bucket.versions(prefix, options)) {
    if (all[0] !== undefined && all[0].key !== version.key) {
      yield together(all);
      all = [];
    }
    all.push(version);
  }
  if (all.length > 0) yield together(all);
}

/** What is at exactly this key. */
export async function versionsAt(bucket: Bucket, key: string): Promise<KeyVersions> {
  return { ...together(await bucket.versionsOf(key)), key };
}

function together(all: readonly ObjectVersion[]): KeyVersions {
  return { key: all[0]?.key ?? '', all, oldest: all.findLast(({ kind }) => kind === 'version') };
}
