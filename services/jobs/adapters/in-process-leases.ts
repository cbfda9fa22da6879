import { JobFault } from '../job-fault.ts';
import { assertLeaseOptions } from '../lease-check.ts';
import type { Lease, LeaseOptions, Leases } from '../leases.ts';

/** Leases among the parts of one process. They end when they are given back: holder and leases die together. */
export class InProcessLeases implements Leases {
  readonly #held = new Map<string, { readonly text: string }>();
  #closed = false;

  async take(name: string, options: LeaseOptions): Promise<Lease | undefined> {
    assertLeaseOptions(name, options);
    if (this.#closed) throw new JobFault('closed', 'the leases are closed', { remedy: 'Start the service again.' });
    if (this.#held.has(name)) return undefined;
    const hold = { text: options.text ?? '' };
    const held = this.#held;
    held.set(name, hold);
    const lease: Lease = {
      name,
      get held() {
        return held.get(name) === hold;
      },
      // Nothing can take it from us.
      lost: new AbortController().signal,
      [Symbol.asyncDispose]: async () => {
        if (held.get(name) === hold) held.delete(name);
        await Promise.resolve();
      },
    };
    return await Promise.resolve(lease);
  }

  async holder(name: string): Promise<string | undefined> {
    return await Promise.resolve(this.#held.get(name)?.text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#held.clear();
    await Promise.resolve();
  }
}
