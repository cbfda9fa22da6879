import { fileURLToPath } from 'node:url';
import { isAbsolute, resolve } from 'node:path';
import { messageOf } from '#kernel';
import { AppFault } from './app-fault.ts';

/** Where archive and ledger lie. */
export type ArchivePlace = { readonly kind: 'folder'; readonly folder: string } | S3Place;

/** A bucket, or a prefix in it. Credentials come by the usual chain of the AWS SDK, never in the URL. */
export interface S3Place {
  readonly kind: 's3';
  /** Without credentials: what may be shown and recorded. */
  readonly url: string;
  readonly bucket: string;
  /** Before every key; empty, or ends with `/`. */
  readonly prefix: string;
  /** Undefined: Amazon's for the region. */
  readonly endpoint: string | undefined;
  readonly region: string;
  /** Object Lock mode of the record. What is locked in compliance mode nobody can unlock before its time, its owner included. */
  readonly mode: 'governance' | 'compliance';
  /** Another bucket or prefix, never locked: large items on their way to the archive. */
  readonly scratch: { readonly bucket: string; readonly prefix: string } | undefined;
  /** PEM file of the authority that signed the endpoint's certificate. */
  readonly certificateAuthorityFile: string | undefined;
}

export type SearchPlace =
  | { readonly kind: 'embedded' }
  /** `node`: address of the cluster, credentials included. `name`: what all names of indexes begin with. */
  | { readonly kind: 'elasticsearch'; readonly node: string; readonly name: string };

export type QueuePlace = { readonly kind: 'in-process' } | { readonly kind: 'redis'; readonly url: string };

/** @throws AppFault `configuration-invalid` */
export function archivePlaceOf(url: string, name: string): ArchivePlace {
  if (/^s3:/iu.test(url)) return s3PlaceOf(url, name);
  if (/^(?!file:)[a-z][a-z0-9+.-]+:/iu.test(url))
    throw invalid(name, `"${shown(url)}" is neither a file: URL nor s3://BUCKET/PREFIX`);
  return { kind: 'folder', folder: folderOf(url, name) };
}

/** The folder that a `file:` URL or a plain path names. @throws AppFault `configuration-invalid` */
export function folderOf(url: string, name: string): string {
  const path = pathIn(url, name);
  if (/^[a-z][a-z0-9+.-]+:/iu.test(path)) throw invalid(name, `"${shown(url)}" is not a file: URL`);
  if (path === '') throw invalid(name, 'it names no folder');
  return isAbsolute(path) ? path : resolve(path);
}

/** @throws AppFault `configuration-invalid` */
export function searchPlaceOf(url: string | undefined): SearchPlace {
  if (url === undefined || url === 'embedded:') return { kind: 'embedded' };
  const parsed = parsedUrl(url, 'SEARCH_URL', ['http:', 'https:']);
  const name = parsed.pathname.replaceAll('/', '');
  if (!/^[a-z][a-z0-9_-]{0,63}$/u.test(name)) {
    throw invalid('SEARCH_URL', 'its path is the name of the index: lower-case letters, digits, - and _');
  }
  parsed.pathname = '';
  return { kind: 'elasticsearch', node: parsed.href, name };
}

/** @throws AppFault `configuration-invalid` */
export function queuePlaceOf(url: string | undefined): QueuePlace {
  if (url === undefined || url === 'memory:') return { kind: 'in-process' };
  return { kind: 'redis', url: parsedUrl(url, 'QUEUE_URL', ['redis:', 'rediss:']).href };
}

function s3PlaceOf(url: string, name: string): S3Place {
  const parsed = parsedUrl(url, name, ['s3:']);
  if (parsed.username !== '' || parsed.password !== '') {
    throw invalid(name, 'credentials do not belong there: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
  }
  const given = s3ParametersOf(parsed, name);
  const record = bucketIn(`${parsed.host}${decodeURIComponent(parsed.pathname)}`, name);
  return {
    kind: 's3',
    url: parsed.href,
    ...record,
    endpoint: given.endpoint,
    region: given.region ?? 'us-east-1',
    mode: lockModeOf(given.mode, name),
    scratch: scratchOf(given.scratch, record, name),
    certificateAuthorityFile: given.ca,
  };
}

const s3Parameters = ['endpoint', 'region', 'mode', 'scratch', 'ca'] as const;
type S3Parameters = { readonly [P in (typeof s3Parameters)[number]]?: string };

function s3ParametersOf({ searchParams }: URL, name: string): S3Parameters {
  const known: readonly string[] = s3Parameters;
  const unknown = [...searchParams.keys()].find((parameter) => !known.includes(parameter));
  if (unknown !== undefined) throw invalid(name, `it has no parameter "${unknown}"`);
  const given: S3Parameters = Object.fromEntries(searchParams);
  if (given.endpoint !== undefined) parsedUrl(given.endpoint, name, ['http:', 'https:']);
  return given;
}

function lockModeOf(given: string | undefined, name: string): S3Place['mode'] {
  if (given === undefined || given === 'governance' || given === 'compliance') return given ?? 'governance';
  throw invalid(name, 'mode is governance or compliance');
}

type BucketPlace = { readonly bucket: string; readonly prefix: string };

function scratchOf(given: string | undefined, record: BucketPlace, name: string): BucketPlace | undefined {
  if (given === undefined) return undefined;
  const scratch = bucketIn(given, name);
  if (scratch.bucket !== record.bucket || !scratch.prefix.startsWith(record.prefix)) return scratch;
  throw invalid(name, 'scratch lies within the record, where everything is locked');
}

function bucketIn(path: string, name: string): BucketPlace {
  const [bucket = '', ...folders] = path.split('/').filter((part) => part !== '');
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/u.test(bucket)) throw invalid(name, `"${bucket}" is no name of a bucket`);
  return { bucket, prefix: folders.map((folder) => `${folder}/`).join('') };
}

function parsedUrl(url: string, name: string, protocols: readonly string[]): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed !== undefined && protocols.includes(parsed.protocol) && parsed.host !== '') return parsed;
  throw invalid(name, `"${shown(url)}" is no ${protocols.map((protocol) => `${protocol}//`).join(' or ')} URL`);
}

/** Without what may be a password. */
function shown(url: string): string {
  return url.replace(/\/\/[^/@]*@/u, '//…@');
}

function pathIn(url: string, name: string): string {
  try {
    if (url.startsWith('file:///') || url.startsWith('file://localhost/')) return fileURLToPath(url);
    return url.startsWith('file:') ? decodeURIComponent(url.slice('file:'.length)) : url;
  } catch (cause) {
    throw invalid(name, `"${url}" is no URL (${messageOf(cause)})`);
  }
}

export function invalid(name: string, problem: string): AppFault {
  return new AppFault('configuration-invalid', `${name}: ${problem}.`, { remedy: `Correct ${name} and start again.` });
}
