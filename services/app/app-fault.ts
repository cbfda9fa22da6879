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
  | 'connection-lost';

export class AppFault extends Fault<AppFaultCode> {}
