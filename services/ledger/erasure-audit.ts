import type { Entry } from './entries/index.ts';

/**
 * An erased sidecar line is lawful when a certificate (`disposed`) names its entry, or while a `disposing` order for its
 * message is being carried out. Entries come in order; the certificate comes after the erasure, so judgement waits.
 */
export class ErasureAudit {
  readonly #erased = new Map<number, string | undefined>();
  readonly #certified = new Set<number>();
  /** Messages by order, while the order has no certificate. */
  readonly #open = new Map<string, string>();

  see(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.aside === 'erased') this.#erased.set(entry.sequence, messageOf(entry));
      if (entry.kind === 'disposing') this.#open.set(entry.order, messageOf(entry) ?? '');
      if (entry.kind === 'disposed') {
        this.#open.delete(entry.order);
        for (const sequence of entry.erased) this.#certified.add(sequence);
      }
    }
  }

  unaccounted(): readonly { readonly sequence: number; readonly problem: string }[] {
    const beingDisposedOf = new Set(this.#open.values());
    return [...this.#erased]
      .filter(([sequence, message]) => !this.#certified.has(sequence) && !(message && beingDisposedOf.has(message)))
      .map(([sequence]) => ({
        sequence,
        problem: 'its sidecar line is gone, and no certificate of disposal names it',
      }));
  }
}

/** Digest and generation, where the entry is about one message. */
function messageOf(entry: Entry): string | undefined {
  return 'digest' in entry && 'generation' in entry ? `${entry.digest} ${entry.generation}` : undefined;
}
