import { Fault } from '#kernel';

/** `held`, `retained`: a disposal was refused, and the message is untouched. */
export type RetentionFaultCode = 'period-invalid' | 'no-such-message' | 'already-disposed' | 'held' | 'retained';

export class RetentionFault extends Fault<RetentionFaultCode> {}
