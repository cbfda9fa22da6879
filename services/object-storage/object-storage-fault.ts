import { Fault } from '#kernel';

/**
 * `unavailable`: 5xx, SlowDown, a time-out, a cut connection; what was asked for may have happened all the same.
 * `conflict`: another request for the key was under way (409). `refused`: not permitted, or a lock forbids it; servers answer
 * 403 AccessDenied or 400 InvalidRequest for the same thing. `not-found` has the fact `marker` where a delete marker hides something. `bad-digest`: the bytes that arrived are not those that were sent.
 */
export type ObjectStorageFaultCode =
  | 'unavailable'
  | 'conflict'
  | 'storage-full'
  | 'not-found'
  | 'no-such-bucket'
  | 'precondition-failed'
  | 'refused'
  | 'bad-digest'
  | 'bad-credentials'
  | 'clock-skewed'
  | 'not-supported'
  | 'untrusted'
  | 'unsuitable-bucket'
  | 'unexpected';

export class ObjectStorageFault extends Fault<ObjectStorageFaultCode> {
  /** Whether the same request may succeed when it is sent again. */
  get retryable(): boolean {
    return this.code === 'unavailable' || this.code === 'conflict';
  }
}

export function isObjectStorageFault(thrown: unknown, code?: ObjectStorageFaultCode): thrown is ObjectStorageFault {
  return thrown instanceof ObjectStorageFault && (code === undefined || thrown.code === code);
}
