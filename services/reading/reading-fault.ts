import { Fault } from '#kernel';

export type ReadingFaultCode =
  | 'no-such-message'
  | 'digest-ambiguous'
  | 'digest-invalid'
  | 'disposed'
  | 'too-costly'
  | 'as-of-beyond'
  | 'as-of-before-capture'
  | 'no-terms'
  | 'no-such-search'
  | 'search-erased'
  | 'precision-invalid';

export class ReadingFault extends Fault<ReadingFaultCode> {}
