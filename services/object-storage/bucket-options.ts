import type { Clock } from '#kernel';

/** One bucket of any S3 service, and the part of it that is used. */
export interface BucketOptions {
  readonly bucket: string;
  /** Every key begins with it: empty, or ending in `/`. */
  readonly prefix: string;
  readonly region: string;
  /** Address of the service; undefined: that of AWS in the region. */
  readonly endpoint?: string;
  /** Undefined: the usual chain of the AWS SDK (environment, shared files, role of the machine). */
  readonly credentials?: StorageCredentials;
  /** Whether the bucket's name is part of the path, not of the host. Default: where an endpoint is given. */
  readonly pathStyle?: boolean;
  /** Certificates (PEM) of authorities to trust besides the system's own. */
  readonly certificateAuthority?: string;
  /** Mode of the retention that is set. Compliance can be undone by nobody. */
  readonly lockMode?: LockMode;
  /** Only to tell how far the clocks of this machine and of the service are apart. */
  readonly clock?: Clock;
  readonly limits?: Partial<BucketLimits>;
}

export interface StorageCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export type LockMode = 'governance' | 'compliance';

export interface BucketLimits {
  /** Connections at once. */
  readonly connectionsMax: number;
  readonly connectMillisecondsMax: number;
  /** From sending a request to its answer. */
  readonly requestMillisecondsMax: number;
  /** How long a connection may stand still. */
  readonly idleMillisecondsMax: number;
  /** How often a request is sent before its failure is reported. */
  readonly attemptsMax: number;
  /** The first wait lasts up to this; each one after it up to twice as long. */
  readonly backOffMilliseconds: number;
  readonly backOffMillisecondsMax: number;
  /** A file larger than this is sent in parts of this size; S3 takes 5 MiB to 5 GiB. */
  readonly partBytes: number;
}

export const defaultBucketLimits: BucketLimits = {
  connectionsMax: 64,
  connectMillisecondsMax: 5_000,
  requestMillisecondsMax: 30_000,
  idleMillisecondsMax: 30_000,
  attemptsMax: 6,
  backOffMilliseconds: 100,
  backOffMillisecondsMax: 5_000,
  partBytes: 16 * 1024 * 1024,
};
