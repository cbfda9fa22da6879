export interface LeaseOptions {
  /** How long the name stays taken when its holder dies, in milliseconds, at least 100. Renewed well before. */
  readonly ttlMs: number;
  /** What others may read of the holder, such as an address. At most `leaseTextBytesMax` bytes. */
  readonly text?: string;
}

export const leaseTextBytesMax = 1024;

/** A name that is ours for the time being. Renewed by itself; disposal gives it back at once. */
export interface Lease extends AsyncDisposable {
  readonly name: string;
  /**
   * Whether we may believe that nobody else holds it: by our own monotonic clock, ending a margin before the name falls
   * free. Never true again once it was false.
   */
  readonly held: boolean;
  /** Aborted when the lease ends without having been given back. */
  readonly lost: AbortSignal;
}

/**
 * Agreement on who does something, so that it is not done twice for nothing. **Advisory**: a process may stand still
 * between looking at `held` and acting, and a volatile server may forget who holds what. Two holders at once must
 * therefore be harmless to whoever uses this: what is done twice is found out elsewhere (the ledger's compare-and-swap,
 * sighting keys). Contract: test/contract/leases.ts.
 */
export interface Leases extends AsyncDisposable {
  /**
   * The lease, or undefined while somebody else holds it, in this process or another. Does not wait.
   * One whose answer took long to come may be lost already: look at `held`.
   * @throws JobFault `queue-unreachable` when nobody can say, `lease-refused` when text or time are out of range, `closed`
   */
  take(name: string, options: LeaseOptions): Promise<Lease | undefined>;

  /**
   * The text of whoever holds the name, or undefined when nobody does. It may be out of date when it arrives.
   * @throws JobFault `queue-unreachable`
   */
  holder(name: string): Promise<string | undefined>;

  /** Gives back all leases that were taken here. */
  [Symbol.asyncDispose](): Promise<void>;
}
