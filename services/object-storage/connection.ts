import { setTimeout as delay } from 'node:timers/promises';
import { rootCertificates } from 'node:tls';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { messageOf, systemClock, systemCodeOf, type Clock } from '#kernel';
import { defaultBucketLimits, type BucketLimits, type BucketOptions } from './bucket-options.ts';
import { faultOf } from './fault-of-error.ts';
import { ownProperty } from './own-property.ts';

/** No answer came. The library would hide the system's code where the error is one of another realm, as below a test runner. */
class BrokenConnection extends Error {
  readonly code: string;

  constructor(error: unknown) {
    super(messageOf(error), { cause: error });
    this.name = 'BrokenConnection';
    this.code = systemCodeOf(error) ?? 'no answer';
  }
}

export interface RequestOptions {
  /** How often the request is sent at most; the bucket's limit where absent. 1: the caller handles lost replies itself. */
  readonly attempts?: number;
}

export interface Attempted<Result> {
  readonly result: Result;
  /** Whether an earlier attempt ended without an answer: what was asked for may have happened then. */
  readonly replyLost: boolean;
}

/**
 * The client library with our own retries: that a reply was lost although the write happened is for the caller to know,
 * so the library repeats nothing.
 */
export class Connection implements AsyncDisposable {
  readonly client: S3Client;
  readonly limits: BucketLimits;
  readonly #clock: Clock;
  readonly #served = new WeakMap<object, number>();
  readonly #closing = new AbortController();
  /** Milliseconds by which the service's clock is ahead of this machine's, as of its last answer. */
  clockSkewMilliseconds = 0;

  constructor(options: BucketOptions) {
    this.limits = { ...defaultBucketLimits, ...options.limits };
    this.#clock = options.clock ?? systemClock;
    this.client = new S3Client(clientConfig(options, this.limits));
    this.#listenForDates();
    this.#hashOnce();
  }

  get serviceNow(): number {
    return this.#clock.now() + this.clockSkewMilliseconds;
  }

  /** Sends a request, again where it may help. `tried` completes "failed to …". @throws ObjectStorageFault */
  async send<Result>(tried: string, request: () => Promise<Result>, options: RequestOptions = {}): Promise<Result> {
    return (await this.attempt(tried, request, options)).result;
  }

  async attempt<Result>(
    tried: string,
    request: () => Promise<Result>,
    options: RequestOptions = {},
  ): Promise<Attempted<Result>> {
    const attempts = options.attempts ?? this.limits.attemptsMax;
    let replyLost = false;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return { result: await request(), replyLost };
      } catch (error) {
        const fault = faultOf(tried, error);
        if (!fault.retryable || attempt >= attempts || this.#closing.signal.aborted) throw fault;
        replyLost ||= fault.code === 'unavailable';
        await this.backOff(attempt);
      }
    }
  }

  /** Waits before the next attempt, a random part of a time that doubles: many that failed together do not return together. */
  async backOff(attempt: number): Promise<void> {
    const { backOffMilliseconds, backOffMillisecondsMax } = this.limits;
    const longest = Math.min(backOffMillisecondsMax, backOffMilliseconds * 2 ** (attempt - 1));
    // A closed connection does not wait: the next attempt fails at once.
    await delay(Math.random() * longest, undefined, { signal: this.#closing.signal }).catch(() => undefined);
  }

  /** The service's clock when it gave this answer. Milliseconds since 1970, in whole seconds. */
  servedAt(answer: object): number | undefined {
    return this.#served.get(answer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.client.destroy();
  }

  #listenForDates(): void {
    this.client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args).catch((error: unknown) => {
          throw ownProperty(error, '$response') === undefined ? new BrokenConnection(error) : error;
        });
        const served = Date.parse(headerOf(result.response, 'date') ?? '');
        if (!Number.isNaN(served)) {
          if (result.output !== undefined) this.#served.set(result.output, served);
          this.clockSkewMilliseconds = served - this.#clock.now();
        }
        return result;
      },
      { step: 'deserialize', priority: 'high', name: 'listenForDates' },
    );
  }

  /** The checksum that is sent is the hash that the signature covers too: it is not computed a second time. */
  #hashOnce(): void {
    this.client.middlewareStack.add(
      (next) => async (args) => {
        const checksum = headerOf(args.request, 'x-amz-checksum-sha256');
        const headers = headersOf(args.request);
        if (checksum !== undefined && headers !== undefined) {
          Object.assign(headers, { 'x-amz-content-sha256': Buffer.from(checksum, 'base64').toString('hex') });
        }
        return next(args);
      },
      { step: 'build', priority: 'low', name: 'hashOnce' },
    );
  }
}

function clientConfig(options: BucketOptions, limits: BucketLimits): S3ClientConfig {
  const agent = { keepAlive: true, maxSockets: limits.connectionsMax };
  const authority = options.certificateAuthority;
  return {
    region: options.region,
    ...(options.endpoint !== undefined && { endpoint: options.endpoint }),
    ...(options.credentials !== undefined && { credentials: { ...options.credentials } }),
    forcePathStyle: options.pathStyle ?? options.endpoint !== undefined,
    maxAttempts: 1,
    // Checksums are ours: some services refuse the CRC-32 that the library would add, others ignore it.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: limits.connectMillisecondsMax,
      requestTimeout: limits.requestMillisecondsMax,
      throwOnRequestTimeout: true,
      socketTimeout: limits.idleMillisecondsMax,
      httpAgent: agent,
      httpsAgent: { ...agent, ...(authority !== undefined && { ca: [...rootCertificates, authority] }) },
    },
  };
}

function headerOf(message: unknown, name: string): string | undefined {
  const found = Object.entries(headersOf(message) ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];
  return typeof found === 'string' ? found : undefined;
}

function headersOf(message: unknown): object | undefined {
  const headers = ownProperty(message, 'headers');
  return typeof headers === 'object' && headers !== null ? headers : undefined;
}
