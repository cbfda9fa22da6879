import { ListObjectsV2Command, ListObjectVersionsCommand, type ListObjectVersionsOutput } from '@aws-sdk/client-s3';
import type { Connection } from './connection.ts';
import type { ListedObject, ObjectVersion } from './stored-object.ts';

export interface ListOptions {
  /** Only keys behind this one. */
  readonly startAfter?: string;
  /** How many to ask for at once, 1 to 1,000. */
  readonly pageSize?: number;
}

/** A part of a bucket to list; `strip` is taken off the front of every key. */
export interface Listed {
  readonly bucket: string;
  readonly prefix: string;
  readonly strip: number;
}

/** The current objects in the order of their keys, page by page. */
export async function* listObjects(
  connection: Connection,
  { bucket, prefix, strip }: Listed,
  options: ListOptions,
): AsyncGenerator<ListedObject> {
  let token: string | undefined;
  do {
    const command = new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      StartAfter: options.startAfter,
      MaxKeys: options.pageSize,
      ContinuationToken: token,
    });
    const page = await connection.send(`list ${prefix}`, async () => connection.client.send(command));
    for (const listed of page.Contents ?? []) yield objectOf(listed, strip);
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}

/** Every version and marker, by key, the newest of a key first. */
export async function* listVersions(
  connection: Connection,
  { bucket, prefix, strip }: Listed,
  options: ListOptions,
): AsyncGenerator<ObjectVersion> {
  let from = { key: options.startAfter, version: undefined as string | undefined };
  const startedAfter = options.startAfter?.slice(strip);
  let before = new Set<string>();
  for (let more = true; more;) {
    const command = new ListObjectVersionsCommand({
      Bucket: bucket,
      Prefix: prefix,
      KeyMarker: from.key,
      VersionIdMarker: from.version,
      MaxKeys: options.pageSize,
    });
    const page = await connection.send(`list the versions of ${prefix}`, async () => connection.client.send(command));
    const versions = versionsOf(page, strip);
    // Some services begin a page with the last one of the page before, and a listing with the key it is to start after.
    for (const version of versions) {
      if (!before.has(idOf(version)) && version.key !== startedAfter) yield version;
    }
    before = new Set(versions.map(idOf));
    from = { key: page.NextKeyMarker, version: page.NextVersionIdMarker };
    more = page.IsTruncated === true && from.key !== undefined;
  }
}

function idOf(version: ObjectVersion): string {
  return `${version.versionId} ${version.key}`;
}

/** The client library keeps versions and markers apart, each in the order of the listing: they are put together again. */
function versionsOf(page: ListObjectVersionsOutput, strip: number): ObjectVersion[] {
  const versions = (page.Versions ?? []).map((one) => versionOf('version', one, strip));
  const markers = (page.DeleteMarkers ?? []).map((one) => versionOf('marker', one, strip));
  const merged: ObjectVersion[] = [];
  for (let [v, m] = [0, 0]; v < versions.length || m < markers.length;) {
    const [version, marker] = [versions[v], markers[m]];
    if (marker === undefined || (version !== undefined && comesFirst(version, marker))) {
      if (version !== undefined) merged.push(version);
      v += 1;
    } else {
      merged.push(marker);
      m += 1;
    }
  }
  return merged;
}

interface ListedEntry {
  readonly Key?: string | undefined;
  readonly VersionId?: string | undefined;
  readonly IsLatest?: boolean | undefined;
  readonly LastModified?: Date | undefined;
  readonly Size?: number | undefined;
}

function objectOf(listed: ListedEntry, strip: number): ListedObject {
  return {
    key: (listed.Key ?? '').slice(strip),
    size: listed.Size ?? 0,
    modifiedAt: listed.LastModified?.getTime() ?? 0,
  };
}

function versionOf(kind: ObjectVersion['kind'], listed: ListedEntry, strip: number): ObjectVersion {
  return {
    key: (listed.Key ?? '').slice(strip),
    versionId: listed.VersionId ?? 'null',
    kind,
    latest: listed.IsLatest ?? false,
    size: listed.Size ?? 0,
    modifiedAt: listed.LastModified?.getTime() ?? 0,
  };
}

function comesFirst(version: ObjectVersion, marker: ObjectVersion): boolean {
  if (version.key !== marker.key) return version.key < marker.key;
  if (version.latest || marker.latest) return version.latest;
  return version.modifiedAt > marker.modifiedAt;
}
