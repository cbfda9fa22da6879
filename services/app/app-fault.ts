import { Fault } from '#kernel';

export type AppFaultCode =
  | 'configuration-invalid'
  | 'no-archive'
  | 'not-an-archive'
  | 'archive-exists'
  | 'in-use'
  | 'read-only'
  | 'secret-damaged'
  | 'secret-missing'
  | 'usage'
  | 'key-in-use'
  | 'connection-lost'
  /** Nobody has the answer: standard output cannot be written. */
  | 'output-failed';

export class AppFault extends Fault<AppFaultCode> {}
