import { Fault } from '#kernel';

export type JobFaultCode =
  | 'payload-refused'
  | 'already-working'
  | 'closed'
  /** The queue's server is configured so that it would lose jobs in silence. */
  | 'unsafe-queue'
  /** The queue's server does not answer. */
  | 'queue-unreachable'
  /** A lease for too short a time, or with too long a text. */
  | 'lease-refused'
  /** A lease ended without having been given back. */
  | 'lease-lost'
  /** The queue's server has no memory left: whoever submits waits. */
  | 'queue-full';

export class JobFault extends Fault<JobFaultCode> {}
