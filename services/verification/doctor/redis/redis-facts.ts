/** What a Redis says of itself. Undefined: it does not say, as managed services do with some of it. */
export interface RedisFacts {
  /** e.g. `7.0.15` */
  readonly version: string;
  readonly role: string | undefined;
  /** What it does when it is full, e.g. `noeviction`. */
  readonly evictionPolicy: string | undefined;
  readonly usedBytes: number;
  /** 0: no limit. */
  readonly limitBytes: number;
  readonly appendOnlyFile: boolean | undefined;
  /** Whether the last write of the append-only file went well. */
  readonly appendOnlyFileSound: boolean | undefined;
}

/** Asked anew at each call. Throws where the server does not answer. */
export type ReadRedisFacts = () => Promise<RedisFacts>;
