import { expect } from '@jest/globals';
import type { Digest } from '#kernel';
import type { Cluster } from './cluster.ts';
import { ledgerIn, recordBucket } from './cluster-checks.ts';
import { holdOrderOf } from './hold-order.ts';
import { type StoredLock, storedLocks } from './stored-locks.ts';

/** Legal holds that the API of a cluster places, and what must be true of all of them. */
export class ClusterHolds {
  readonly #cluster: Cluster;
  /** Digests that each hold is known to match. */
  readonly #covers = new Map<string, ReadonlySet<string>>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  async makeMatter(): Promise<void> {
    expect((await this.#cluster.asked('matters', { name: 'm' })).status).toBe(201);
  }

  /** @param matching what it is known to match */
  async place(query: string, matching: Iterable<Digest>): Promise<string> {
    const response = await this.#cluster.asked('holds', { matter: 'm', query, reason: 'a letter of 3 May' });
    expect(response.status).toBe(201);
    const { id } = (await response.json()) as { readonly id: string };
    this.#covers.set(id, new Set(matching));
    return id;
  }

  /** What is stored of messages, without what stands for those that were disposed of. */
  async stored(digest?: Digest): Promise<readonly StoredLock[]> {
    const all = await storedLocks(this.#cluster);
    return all.filter((one) => !one.isTombstone && (digest === undefined || one.digest === digest));
  }

  /** Nothing was disposed of while it was held; what is held has its flag in storage, and what is not has none. */
  async expectKept(): Promise<void> {
    await using bucket = recordBucket(this.#cluster);
    const { entries } = await ledgerIn(bucket);
    const order = holdOrderOf(entries, (hold) => this.#covers.get(hold) ?? new Set());
    expect(order.disposedWhileHeld).toEqual([]);
    const stored = await this.stored();
    expect(stored.filter((one) => order.disposed.has(nameOf(one)))).toEqual([]);
    expect(new Set(stored.filter(({ held }) => held).map(nameOf))).toEqual(order.held);
  }
}

function nameOf({ digest, generation }: StoredLock): string {
  return `${digest}/${generation}`;
}
