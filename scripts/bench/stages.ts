import { constants, zstdCompressSync } from 'node:zlib';
import { type Deployment, openDeployment, readConfig } from '#app';
import { type BlobPut, compressedFromBytes } from '#archive';
import { keyOfSighting } from '#ingest';
import { type Digest, digestOf, stopwatch, systemClock } from '#kernel';
import type { EntryDraft, LedgerBatch } from '#ledger';
import { parseMessage } from '#message';
import { encodeDocument, searchDocument } from '#search';

const batchMessages = 256;
const warmUpMessages = 300;
const source = '0'.repeat(32);
/** As ingest/ compresses. */
const zstdLevel = 1;

/** Processor time and elapsed time for one message, in microseconds. */
export interface Stage {
  readonly name: string;
  readonly cpuUs: number;
  readonly elapsedUs: number;
}

interface Prepared {
  readonly digest: Digest;
  readonly bytes: Buffer;
  readonly encoded: Uint8Array;
  readonly zstd: Buffer | undefined;
}

/**
 * What each stage of a capture costs, one stage after the other in this process, through the same faces that the import
 * uses: archive, ledger, catalog and index of a new archive in `folder`, in batches of 256.
 */
export async function stagesOf(sample: readonly Buffer[], folder: string): Promise<readonly Stage[]> {
  for (const bytes of sample.slice(0, warmUpMessages)) prepare(bytes);
  const { prepared, stages } = await reading(sample);
  const config = readConfig({ ARCHIVE_URL: `file:${folder}` });
  await using deployment = await openDeployment(config, { create: true });
  stages.push(...(await recording(prepared, deployment)));
  return stages;
}

async function reading(sample: readonly Buffer[]): Promise<{ prepared: readonly Prepared[]; stages: Stage[] }> {
  const stages: Stage[] = [];
  const timed = <T>(name: string, work: (bytes: Buffer, at: number) => T): Promise<T[]> =>
    timing(name, sample.length, stages, () => Promise.resolve(sample.map(work)));
  const digests = await timed('hash (sha256)', digestOf);
  const parsed = await timed('parse', (bytes) => parseMessage(bytes));
  const encoded = await timed('analyse', (bytes, at) => {
    const message = parsed[at];
    return message === undefined ? new Uint8Array() : encodeDocument(searchDocument(message, bytes.length));
  });
  const compressed = await timed('zstd', compress);
  const prepared = sample.map((bytes, at) => ({
    bytes,
    digest: digests[at] ?? digestOf(bytes),
    encoded: encoded[at] ?? new Uint8Array(),
    zstd: compressed[at],
  }));
  return { prepared, stages };
}

async function recording(prepared: readonly Prepared[], deployment: Deployment): Promise<Stage[]> {
  const { archive, ledger, catalog, index, recorder } = deployment;
  await recorder.catchUp();
  const stages: Stage[] = [];
  const batches = batchesOf(prepared);
  const from = ledger.head.size;
  await timing('archive', prepared.length, stages, async () => {
    for (const batch of batches) await archive.putAll(batch.map(putOf));
  });
  await timing('ledger', prepared.length, stages, async () => {
    for (const batch of batches) await ledger.append(batch.map(draftOf), { policy: ledger.head.policy });
  });
  const written: LedgerBatch[] = [];
  for await (const batch of ledger.read(from)) written.push(batch);
  await timing('catalog', prepared.length, stages, async () => {
    for (const batch of written) await catalog.apply(batch);
  });
  await timing('index', prepared.length, stages, async () => {
    for (const [at, batch] of batches.entries()) {
      const first = from + at * batchMessages;
      const documents = batch.flatMap(({ digest, encoded }) => {
        const sequence = catalog.messages.sequenceOf(digest, 1);
        return sequence === undefined || sequence < first ? [] : [{ sequence, digest, encoded }];
      });
      await index.apply({ documents, removed: [], through: first + batch.length });
    }
  });
  return stages;
}

async function timing<T>(name: string, messages: number, stages: Stage[], work: () => Promise<T>): Promise<T> {
  const before = process.cpuUsage();
  const elapsed = stopwatch();
  const result = await work();
  const elapsedUs = (elapsed() * 1000) / messages;
  const { user, system } = process.cpuUsage(before);
  stages.push({ name, cpuUs: (user + system) / messages, elapsedUs });
  return result;
}

function prepare(bytes: Buffer): void {
  digestOf(bytes);
  encodeDocument(searchDocument(parseMessage(bytes), bytes.length));
  compress(bytes);
}

function compress(bytes: Buffer): Buffer | undefined {
  if (bytes.length < compressedFromBytes) return undefined;
  return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: zstdLevel } });
}

function putOf({ digest, bytes, zstd }: Prepared): BlobPut {
  const lock = { retainUntil: null, legalHold: false };
  const storedAt = systemClock.now();
  return {
    digest,
    generation: 1,
    size: bytes.length,
    content: { bytes },
    ...(zstd !== undefined && { zstd }),
    lock,
    sighting: keyOf(digest),
    storedAt,
  };
}

function draftOf({ digest, bytes }: Prepared): EntryDraft {
  return {
    kind: 'capture',
    digest,
    generation: 1,
    size: bytes.length,
    source,
    sighting: keyOf(digest),
    seenAt: systemClock.now(),
    flags: [],
    policy: 0,
    holds: [],
    aside: placeOf(digest),
  };
}

function keyOf(digest: Digest): string {
  return keyOfSighting('', source, placeOf(digest), digest);
}

function placeOf(digest: Digest) {
  return { custodian: 'bench', mailbox: 'inbox', format: 'eml' as const, path: `inbox/${digest}.eml` };
}

function batchesOf<T>(items: readonly T[]): T[][] {
  const batches: T[][] = [];
  for (let at = 0; at < items.length; at += batchMessages) batches.push(items.slice(at, at + batchMessages));
  return batches;
}
