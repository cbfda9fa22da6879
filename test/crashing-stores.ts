import type { BlobStore } from '#archive';
import type { LedgerStore } from '#ledger';
import type { SearchIndex } from '#search';

/** What a process that died would have thrown, had it still been able to. */
export class Crash extends Error {
  constructor(call: string) {
    super(`the process died at ${call}`);
  }
}

/** Called before and after each call of a store by which something is changed or judged. Throwing is dying there; waiting is being slow. */
export type Gate = (call: string, moment: 'before' | 'after') => Promise<void> | void;

const guardedCalls = {
  archive: ['read', 'stat', 'putAll', 'extendRetention', 'setLegalHolds', 'dispose'],
  ledger: ['create', 'putSidecar', 'eraseFromSidecar'],
  index: ['apply', 'select'],
} as const;

export interface StoresOfArchive {
  readonly archive: BlobStore;
  readonly ledgerStore: LedgerStore;
  readonly index: SearchIndex;
}

/** The same stores with a gate around each of these calls, named like `archive.putAll`. */
export function gated(stores: StoresOfArchive, gate: Gate): StoresOfArchive {
  return {
    archive: behindGate(stores.archive, 'archive', gate),
    ledgerStore: behindGate(stores.ledgerStore, 'ledger', gate),
    index: behindGate(stores.index, 'index', gate),
  };
}

/** Dies at the `at`th moment (two for each call), and stays dead. `died` tells where. */
export class DeathAt {
  #left: number;
  died: string | undefined;

  /** @param at from 0; infinite: never */
  constructor(at: number) {
    this.#left = at;
  }

  /** The danger is over: it dies no more. */
  spare(): void {
    if (this.died === undefined) this.#left = Number.POSITIVE_INFINITY;
  }

  readonly gate: Gate = (call, moment) => {
    if (this.died === undefined && this.#left-- > 0) return;
    this.died ??= `${call}, ${moment} it took effect`;
    throw new Crash(this.died);
  };
}

function behindGate<Store extends object>(store: Store, name: keyof typeof guardedCalls, gate: Gate): Store {
  const guarded: readonly string[] = guardedCalls[name];
  return new Proxy(store, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      if (typeof key !== 'string' || !guarded.includes(key)) return value.bind(target) as unknown;
      return async (...given: unknown[]): Promise<unknown> => {
        await gate(`${name}.${key}`, 'before');
        const answer: unknown = await Reflect.apply(value, target, given);
        await gate(`${name}.${key}`, 'after');
        return answer;
      };
    },
  });
}
