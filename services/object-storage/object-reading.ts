import type { GetObjectCommand, GetObjectCommandOutput } from '@aws-sdk/client-s3';
import type { Connection } from './connection.ts';
import { faultOf, storageFault } from './fault-of-error.ts';
import { headOf, type ReadObject } from './stored-object.ts';

/** A GET of one object, with what is added to the request. */
export type GetCommandOf = (more?: object) => GetObjectCommand;

/** Undefined for an object larger than `bytesMax`, of which nothing is read. */
export async function readObject(
  connection: Connection,
  commandOf: GetCommandOf,
  key: string,
  bytesMax: number,
): Promise<ReadObject | undefined> {
  return connection.send(`read ${key}`, async () => {
    const answer = await connection.client.send(commandOf());
    const chunks: Buffer[] = [];
    if ((answer.ContentLength ?? 0) > bytesMax) {
      // Leaving the body unread would hold its connection: what was begun is given up.
      for await (const _chunk of bodyOf(answer, key)) return undefined;
    }
    for await (const chunk of bodyOf(answer, key)) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    refuseShort(bytes.length, answer, key);
    return { ...headOf(key, answer, connection.servedAt(answer)), bytes };
  });
}

/** Gives the object in chunks. When the connection breaks, the rest of the very same version is asked for. */
export async function* streamObject(
  connection: Connection,
  commandOf: GetCommandOf,
  key: string,
): AsyncGenerator<Buffer> {
  const tried = `read ${key}`;
  let at = 0;
  let same: object = {};
  for (let attempt = 1; ;) {
    const range = at === 0 ? {} : { Range: `bytes=${at}-` };
    const answer = await connection.send(tried, async () => connection.client.send(commandOf({ ...same, ...range })));
    same = sameVersion(answer);
    try {
      const begun = at;
      for await (const chunk of bodyOf(answer, key)) {
        at += chunk.length;
        attempt = 1;
        yield chunk;
      }
      refuseShort(at - begun, answer, key);
      return;
    } catch (error) {
      const fault = faultOf(tried, error);
      if (!fault.retryable || attempt >= connection.limits.attemptsMax) throw fault;
      await connection.backOff(attempt);
      attempt += 1;
    }
  }
}

function sameVersion(answer: GetObjectCommandOutput): object {
  if (answer.VersionId !== undefined) return { VersionId: answer.VersionId };
  return answer.ETag === undefined ? {} : { IfMatch: answer.ETag };
}

async function* bodyOf(answer: GetObjectCommandOutput, key: string): AsyncGenerator<Buffer> {
  const body: unknown = answer.Body;
  if (!isByteStream(body)) throw storageFault('unexpected', `read ${key}`, 'its answer has no body');
  for await (const chunk of body) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

function isByteStream(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

/** A body that ends too early without an error of the connection is one all the same. */
function refuseShort(bytes: number, answer: GetObjectCommandOutput, key: string): void {
  if (answer.ContentLength === undefined || bytes === answer.ContentLength) return;
  throw storageFault('unavailable', `read ${key}`, `${bytes} bytes came of ${answer.ContentLength}`);
}
