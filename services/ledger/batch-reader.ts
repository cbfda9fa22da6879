import { asSequence } from '#kernel';
import { type BatchFile, checkSignature, damagedBatch, parseBatch } from './batch-file.ts';
import { boundAside, decodeEntry, outlineOf } from './entry-codec.ts';
import type { Entry } from './entries/index.ts';
import {
  type Head,
  headAfter,
  keyAfter,
  leafHashesOf,
  type OpenedBatch,
  type OutlinedBatch,
  outlined,
  type SigningKey,
} from './head.ts';
import type { LedgerBatch } from './ledger-batch.ts';
import type { LedgerStore } from './ledger-store.ts';
import { asideHash, sidecarName, unpackSidecar } from './sidecar.ts';
import { Frontier, sameHash } from './tree.ts';

/** Whether bytes can be the sidecar with this hash, some of whose lines may have been erased. */
export function fitting(sidecarHash: string): (bytes: Buffer) => boolean {
  return (bytes) => unpackSidecar(bytes, sidecarHash) !== undefined;
}

const noKey: SigningKey = { publicKey: '', origin: '', since: -1 };

/** Reads single batches from the store and checks each by itself: its form, its signature, its sidecar, its entries. */
export class BatchReader {
  readonly store: LedgerStore;
  readonly #keys = new Map<number, SigningKey>();

  constructor(store: LedgerStore) {
    this.store = store;
  }

  /** Undefined where there is no batch. @throws LedgerFault `damaged` */
  async file(first: number): Promise<BatchFile | undefined> {
    const bytes = await this.store.read(asSequence(first));
    return bytes === undefined ? undefined : parseBatch(bytes, first);
  }

  /** A batch with its entries, its signature not yet checked. @throws LedgerFault `damaged` */
  async open(first: number): Promise<OpenedBatch | undefined> {
    const file = await this.file(first);
    if (file === undefined) return undefined;
    return decodeBatch(file, await this.sidecar(file));
  }

  /** Of a batch only what tells whether it continues the ledger. @throws LedgerFault `damaged` */
  async outline(first: number): Promise<OutlinedBatch | undefined> {
    const file = await this.file(first);
    return file === undefined ? undefined : await this.outlineOf(file);
  }

  /** @throws LedgerFault `damaged` */
  async outlineOf(file: BatchFile): Promise<OutlinedBatch> {
    const outlines = file.lines.map((line, i) => outlineOf(line, file.header.first + i));
    const kind = outlines.length === 1 ? outlines[0]?.kind : undefined;
    // Entries about keys stand alone.
    if (kind === 'epoch' || kind === 'key-rotated') return outlined(decodeBatch(file, await this.sidecar(file)));
    return { file, leafHashes: leafHashesOf(file.lines), outlines, keyEntry: undefined };
  }

  /** The sidecar that a batch names; undefined where it names none, or it is missing. */
  async sidecar({ header }: BatchFile): Promise<Buffer | undefined> {
    const { batch, first, sidecar } = header;
    if (sidecar === null) return undefined;
    return await this.store.readSidecar(sidecarName(first, batch), fitting(sidecar));
  }

  /** The head after the batch at `first`, known from it and from the chain of keys. @throws LedgerFault `damaged` */
  async headAt(first: number): Promise<{ readonly batch: OpenedBatch; readonly head: Head } | undefined> {
    const batch = await this.open(first);
    return batch === undefined ? undefined : { batch, head: await this.headAfterAlone(batch) };
  }

  /** The same of a batch that was opened. */
  async headAfterAlone(batch: OpenedBatch): Promise<Head> {
    const before = await this.#signerOf(batch);
    if (!frontierHolds(batch.file)) throw damagedBatch(batch.file.header.first, 'its frontier does not give its root');
    return headAfter(outlined(batch), before);
  }

  /** Checks the signature of a batch that is read by itself; returns the key that was in force before it. */
  async #signerOf(batch: OpenedBatch): Promise<SigningKey> {
    const { first, keySince } = batch.file.header;
    const own = keySince === first;
    if (own && batch.entries[0]?.kind !== 'epoch')
      throw damagedBatch(first, 'it names itself as the source of its key');
    const key = own ? keyAfter(batch.entries[0], noKey) : await this.#keyNamedAt(keySince, first);
    checkSignature(batch.file, key.publicKey);
    return key;
  }

  /** The key that the entry at `since` brought into force. Entries about keys are first in their batch. */
  async #keyNamedAt(since: number, before: number): Promise<SigningKey> {
    const known = this.#keys.get(since);
    if (known !== undefined) return known;
    const batch = since < before ? await this.open(since) : undefined;
    if (batch === undefined) throw damagedBatch(before, `the entry of its key, ${since}, is not there`);
    const key = keyAfter(batch.entries[0], await this.#signerOf(batch));
    if (key.since !== since) throw damagedBatch(before, `entry ${since} names no key`);
    this.#keys.set(since, key);
    return key;
  }
}

/** @throws LedgerFault `damaged` */
export function decodeBatch(file: BatchFile, sidecar: Buffer | undefined): OpenedBatch {
  const asides = asideLines(file, sidecar);
  const entries = file.lines.map((line, i): Entry => decodeEntry(line, file.header.first + i, asides[i]));
  return { file, entries, leafHashes: leafHashesOf(file.lines) };
}

/** For each entry its sidecar line: empty where erased, undefined where it has none. @throws LedgerFault `damaged` */
export function asideLines(file: BatchFile, sidecar: Buffer | undefined): readonly (string | undefined)[] {
  const { first, sidecar: expected } = file.header;
  const lines = expected === null ? [] : sidecar && unpackSidecar(sidecar, expected);
  if (lines === undefined) throw damagedBatch(first, 'its sidecar is missing or not what was written');
  let next = 0;
  const asides = file.lines.map((line) => {
    const bound = boundAside(line);
    if (bound === undefined) return undefined;
    const text = lines[next++];
    if (text === undefined || (text !== '' && asideHash(text) !== bound)) {
      throw damagedBatch(first, 'its sidecar does not belong to its entries');
    }
    return text;
  });
  if (next !== lines.length) throw damagedBatch(first, 'its sidecar has lines that no entry names');
  return asides;
}

/** The frontier that a batch names is one of its size, and gives its root. */
export function frontierHolds({ footer }: BatchFile): boolean {
  try {
    const hashes = footer.frontier.map((hash) => Buffer.from(hash, 'hex'));
    return sameHash(new Frontier(footer.size, hashes).root(), Buffer.from(footer.root, 'hex'));
  } catch {
    return false;
  }
}

export function ledgerBatch({ file, entries, leafHashes }: OpenedBatch): LedgerBatch {
  const { first, batch, time } = file.header;
  return { first: asSequence(first), batchId: batch, time, entries, leafHashes };
}
