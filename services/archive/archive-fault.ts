import { Fault } from '#kernel';

export type ArchiveFaultCode =
  'store-unavailable' | 'digest-mismatch' | 'not-found' | 'disposed' | 'damaged' | 'too-large' | 'locked' | 'in-use';

export class ArchiveFault extends Fault<ArchiveFaultCode> {}
