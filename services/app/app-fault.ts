import { Fault } from '#kernel';

export type AppFaultCode =
  | 'configuration-invalid'
  | 'no-archive'
  | 'not-an-archive'
  | 'archive-exists'
  | 'in-use'
  | 'read-only'
  | 'secret-damaged'
  | 'usage'
  | 'connection-lost'
  | 'unknown-source'
  | 'source-exists'
  | 'collection-failed';

export class AppFault extends Fault<AppFaultCode> {}
