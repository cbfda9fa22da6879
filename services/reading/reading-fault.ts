import { Fault } from '#kernel';

export type ReadingFaultCode =
  | 'no-such-message'
  | 'digest-ambiguous'
  | 'digest-invalid'
  | 'disposed'
  | 'as-of-beyond'
  | 'as-of-before-capture'
  | 'no-terms';

export class ReadingFault extends Fault<ReadingFaultCode> {}
