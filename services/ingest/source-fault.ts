import { Fault } from '#kernel';

export type SourceFaultCode =
  /** The path to import does not exist or cannot be read at all. */
  | 'path-not-found'
  /** The path to import is where the program keeps archives or backups. */
  | 'path-not-mail'
  /** The allow list does not permit the host, or one of its addresses. */
  | 'connect-not-allowed'
  | 'host-not-found'
  /** Nobody answered, or not in time; also after the allowed number of reconnections. */
  | 'unreachable'
  | 'tls-failed'
  /** Wrong user or password. Not tried again by itself. */
  | 'login-refused'
  /** The server asks for patience. */
  | 'throttled'
  /** The server's answers make no sense. */
  | 'protocol'
  /** The temporary files' disk is full or fails. */
  | 'temporary-storage'
  /** The spool was closed while something waited in it. */
  | 'spool-closed'
  /** The spool's server does not answer. */
  | 'spool-unreachable'
  /** The spool's server has no memory left: whoever puts waits. */
  | 'spool-full'
  | 'unknown-source'
  | 'source-exists'
  /** A run of the source is under way. */
  | 'in-use';

export class SourceFault extends Fault<SourceFaultCode> {}

export function spoolClosedFault(): SourceFault {
  return new SourceFault('spool-closed', 'the spool was closed while a message waited for room in it', {
    remedy: 'Run the collection again; its source still has the message.',
  });
}
