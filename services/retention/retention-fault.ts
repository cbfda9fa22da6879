import { Fault } from '#kernel';

/** `held`, `retained`, `time-unwitnessed`: a disposal was refused, and the message is untouched. */
export type RetentionFaultCode =
  'period-invalid' | 'no-such-message' | 'already-disposed' | 'held' | 'retained' | 'time-unwitnessed';

export class RetentionFault extends Fault<RetentionFaultCode> {}
