import { createHash, createHmac } from 'node:crypto';
import type { StorageCredentials } from '#object-storage';

export interface SignedRequest {
  readonly method: 'PUT';
  readonly url: URL;
  readonly body: Buffer;
}

const region = 'us-east-1';
const service = 's3';

/** Headers of a request with AWS Signature Version 4, for interfaces that the client library does not know. */
export function signedHeaders(
  { body, method, url }: SignedRequest,
  { accessKeyId, secretAccessKey }: StorageCredentials,
  at: Date = new Date(),
): Readonly<Record<string, string>> {
  const time = at.toISOString().replaceAll(/[-:]|\.\d+/gu, '');
  const day = time.slice(0, 8);
  const headers = { host: url.host, 'x-amz-content-sha256': sha256(body), 'x-amz-date': time };
  const names = Object.keys(headers).join(';');
  url.searchParams.sort();
  // What URLSearchParams writes as + is %20 there.
  const query = url.searchParams.toString().replaceAll('+', '%20');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}`);
  const canonical = [method, url.pathname, query, ...lines, '', names, sha256(body)].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<Buffer>(hmac, Buffer.from(`AWS4${secretAccessKey}`));
  const credential = `Credential=${accessKeyId}/${scope}, SignedHeaders=${names}`;
  return { ...headers, authorization: `AWS4-HMAC-SHA256 ${credential}, Signature=${hmac(key, text).toString('hex')}` };
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(text: Buffer | string): string {
  return createHash('sha256').update(text).digest('hex');
}
