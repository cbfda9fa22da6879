import { readFile } from 'node:fs/promises';
import { isObjectStorageFault, type Bucket, type ObjectContent } from '#object-storage';
import type { BlobLock, BlobPut, BlobReceipt } from '../../blob-store.ts';
import { isDisposed } from '../blob-faults.ts';
import { checkedContent, contentInMemory, contentMismatch } from '../content.ts';
import { findRecord } from './record-finding.ts';
import { isOf, keyOf, metadataOf } from './record-format.ts';
import { hasEnded, lockToAsk, readBack, secureLock } from './record-locks.ts';
import { unavailable, weakLock } from './storage-failure.ts';

const CONTENT_TYPE = 'message/rfc822';
const ATTEMPTS = 5;

/** Stores messages, one object each, and reports what storage says of them. */
export class RecordWriter {
  readonly #bucket: Bucket;
  readonly #inMemoryBytesMax: number;

  constructor(bucket: Bucket, inMemoryBytesMax: number) {
    this.#bucket = bucket;
    this.#inMemoryBytesMax = inMemoryBytesMax;
  }

  /** @throws ArchiveFault `digest-mismatch`: before anything of a call is stored, all of it is checked */
  async check(put: BlobPut): Promise<void> {
    for await (const _chunk of checkedContent(put));
  }

  /** @throws ArchiveFault `disposed`, `store-unavailable` */
  async store(put: BlobPut): Promise<BlobReceipt> {
    const content = await this.#contentOf(put);
    let replyLost = false;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const lock = lockToAsk(this.#bucket, put.lock);
      const created = await this.#create(put, content, lock);
      // The end of its retention came before the request did.
      if (created === 'late') continue;
      if (created.outcome === 'created') {
        const stored = await this.#confirm(put, created.versionId);
        if (stored !== undefined) return receipt(put, 'stored', stored);
        continue;
      }
      replyLost ||= created.replyLost;
      const receiptOfExisting = await this.#existing(put, content, replyLost, attempt);
      if (receiptOfExisting !== undefined) return receiptOfExisting;
    }
    throw unavailable(
      `${keyOf(put)} comes and goes while it is stored`,
      'Find out who deletes from the bucket.',
      undefined,
    );
  }

  async #create(put: BlobPut, content: ObjectContent, lock: BlobLock) {
    try {
      return await this.#bucket.create(keyOf(put), content, {
        lock,
        metadata: metadataOf(put),
        contentType: CONTENT_TYPE,
      });
    } catch (error) {
      // A file that changes while it is sent.
      if (isObjectStorageFault(error, 'bad-digest') && 'file' in put.content) throw contentMismatch(put);
      if (hasEnded(this.#bucket, lock)) return 'late';
      throw error;
    }
  }

  /** What this call has written: its bytes and lock as storage has them. Undefined when somebody deleted it at once. */
  async #confirm(put: BlobPut, versionId: string | undefined): Promise<BlobLock | undefined> {
    if (versionId === undefined) throw weakLock(keyOf(put), 'the bucket keeps no versions');
    const version = await readBack(this.#bucket, keyOf(put), versionId, put.lock);
    if (version === undefined) return undefined;
    const { sha256, size } = version.head;
    if (size !== put.size || (sha256 !== undefined && sha256 !== put.digest)) {
      throw unavailable(`The object storage has stored other bytes at ${keyOf(put)}`, 'Run doctor.', undefined);
    }
    return secureLock(this.#bucket, version, put.lock);
  }

  /**
   * Something is at the key. Whether it is the message, and how it is locked, is looked at, also where it is what this very
   * call wrote before its reply was lost. Undefined when it is gone by now.
   */
  async #existing(
    put: BlobPut,
    content: ObjectContent,
    replyLost: boolean,
    attempt: number,
  ): Promise<BlobReceipt | undefined> {
    const found = await findRecord(this.#bucket, put);
    switch (found.state) {
      case 'absent':
        // Some services create nothing over a delete marker, although nothing is there.
        return attempt === 0 ? undefined : this.#storeBeside(put, content);
      case 'disposed':
        throw isDisposed(put);
      case 'live': {
        const lock = await secureLock(this.#bucket, found.record, put.lock);
        const outcome = replyLost && isOf(put, found.record.head) ? 'stored' : 'exists';
        return lock === undefined ? undefined : receipt(put, outcome, lock);
      }
      case 'damaged':
        return this.#storeBeside(put, content);
    }
  }

  /** Somebody has put something else at the key: nobody can keep a message from being stored. It becomes a version of its own. */
  async #storeBeside(put: BlobPut, content: ObjectContent): Promise<BlobReceipt | undefined> {
    const bytes = content instanceof Uint8Array ? content : await readFile(content.file);
    const versionId = await this.#bucket.put(keyOf(put), bytes, {
      lock: lockToAsk(this.#bucket, put.lock),
      metadata: metadataOf(put),
      contentType: CONTENT_TYPE,
    });
    const lock = await this.#confirm(put, versionId);
    return lock === undefined ? undefined : receipt(put, 'stored', lock);
  }

  async #contentOf(put: BlobPut): Promise<ObjectContent> {
    if ('bytes' in put.content) return put.content.bytes;
    if (put.size <= this.#inMemoryBytesMax) return contentInMemory(put);
    return { file: put.content.file, size: put.size, sha256: put.digest };
  }
}

function receipt(put: BlobPut, outcome: BlobReceipt['outcome'], lock: BlobLock): BlobReceipt {
  return { digest: put.digest, generation: put.generation, outcome, lock };
}
