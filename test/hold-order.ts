import { asSequence, type Sequence } from '#kernel';
import type { Entry } from '#ledger';

/** Which messages a hold names, by digest, where the ledger's own judgement is not to be relied on. */
export type Covers = (hold: string) => ReadonlySet<string>;

export interface HoldOrder {
  /** Orders to dispose of what was held at that place of the ledger. There must be none. */
  readonly disposedWhileHeld: readonly string[];
  /** `digest/generation` of what is held at the end. */
  readonly held: ReadonlySet<string>;
  /** `digest/generation` of what was ordered to be disposed of. */
  readonly disposed: ReadonlySet<string>;
}

/** Reads the ledger in its order: what was held when, and what was ordered to be disposed of in between. */
export function holdOrderOf(entries: readonly Entry[], covers: Covers): HoldOrder {
  const reading = new Reading(covers);
  for (const [sequence, entry] of entries.entries()) reading.take(asSequence(sequence), entry);
  return {
    disposedWhileHeld: reading.disposedWhileHeld,
    held: new Set([...reading.holds].flatMap(([ref, holds]) => (holds.size > 0 ? [ref] : []))),
    disposed: reading.disposed,
  };
}

class Reading {
  readonly disposedWhileHeld: string[] = [];
  readonly disposed = new Set<string>();
  readonly holds = new Map<string, Set<string>>();
  readonly #refs = new Map<Sequence, string>();
  readonly #covers: Covers;

  constructor(covers: Covers) {
    this.#covers = covers;
  }

  take(sequence: Sequence, entry: Entry): void {
    if ('holds' in entry) this.#see(sequence, entry);
    else if (entry.kind === 'hold-placed') this.#place(entry.hold);
    else if (entry.kind === 'hold-applied') this.#apply(entry.captures, entry.hold);
    else if (entry.kind === 'hold-released') this.#release(entry.hold);
    else if (entry.kind === 'disposing') this.#dispose(refOf(entry), `${entry.order} at ${sequence}`);
  }

  #see(sequence: Sequence, seen: Parameters<typeof refOf>[0] & { readonly holds: readonly string[] }): void {
    this.#refs.set(sequence, refOf(seen));
    for (const hold of seen.holds) this.#hold(refOf(seen), hold);
  }

  #place(hold: string): void {
    const covered = this.#covers(hold);
    for (const ref of this.#refs.values()) if (covered.has(ref.split('/')[0] ?? '')) this.#hold(ref, hold);
  }

  #dispose(ref: string, order: string): void {
    if ((this.holds.get(ref)?.size ?? 0) > 0) this.disposedWhileHeld.push(order);
    this.disposed.add(ref);
  }

  #apply(captures: readonly (readonly [number, number])[], hold: string): void {
    for (const [from, to] of captures) {
      for (let at = from; at < to; at += 1) this.#hold(this.#refs.get(asSequence(at)) ?? '', hold);
    }
  }

  #release(hold: string): void {
    for (const holds of this.holds.values()) holds.delete(hold);
  }

  #hold(ref: string, hold: string): void {
    // A hold that is placed after a disposal finds nothing to hold.
    if (ref === '' || this.disposed.has(ref)) return;
    const holds = this.holds.get(ref) ?? new Set();
    this.holds.set(ref, holds.add(hold));
  }
}

function refOf({ digest, generation }: { readonly digest: string; readonly generation: number }): string {
  return `${digest}/${generation}`;
}
