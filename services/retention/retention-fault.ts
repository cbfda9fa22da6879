import { Fault } from '#kernel';

/** `held`, `retained`, `time-unwitnessed`, `not-stored`: a disposal was refused, and the message is untouched. */
export type RetentionFaultCode =
  'period-invalid' | 'no-such-message' | 'already-disposed' | 'held' | 'retained' | 'time-unwitnessed' | 'not-stored';

export class RetentionFault extends Fault<RetentionFaultCode> {}
