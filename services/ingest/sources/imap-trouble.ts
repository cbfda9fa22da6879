import { messageOf, systemCodeOf } from '#kernel';
import { SourceFault } from '../source-fault.ts';

/** The connection is of no use any more; a new one may be. */
export class ConnectionLost extends Error {
  /** One answer was larger than is taken into memory: it must be asked for in parts. */
  readonly tooLarge: boolean;

  constructor(reason: string, options: { readonly cause?: unknown; readonly tooLarge?: boolean } = {}) {
    super(reason, { cause: options.cause });
    this.tooLarge = options.tooLarge ?? false;
  }
}

/** The server said NO or BAD to one command; the connection goes on. */
export class CommandRefused extends Error {}

const sizeCodes = new Set(['LiteralTooLarge', 'ResponseTooLarge', 'LineTooLarge', 'TooManyTokens']);

/** What an error of imapflow means to us. `where` is `host:port`, for people. */
export function troubleOf(thrown: unknown, where: string): Error {
  if (thrown instanceof SourceFault || thrown instanceof ConnectionLost || thrown instanceof CommandRefused)
    return thrown;
  const code = systemCodeOf(thrown);
  const text = textOf(thrown);
  if (code === 'ETHROTTLE') return throttled(where, text, thrown);
  if (flagged(thrown, 'authenticationFailed')) return loginTrouble(thrown, where, text);
  if (isTlsTrouble(thrown, code)) return tlsFailed(where, text, thrown);
  const status = field(thrown, 'responseStatus');
  if (status === 'NO' || status === 'BAD') return new CommandRefused(oneLine(text), { cause: thrown });
  return new ConnectionLost(oneLine(text), { cause: thrown, tooLarge: code !== undefined && sizeCodes.has(code) });
}

/** RFC 5530: these say "later", not "wrong". Some servers say it in words only. */
const temporaryLoginCodes = new Set(['UNAVAILABLE', 'INUSE', 'LIMIT', 'SERVERBUG']);

function loginTrouble(thrown: unknown, where: string, text: string): Error {
  const code = field(thrown, 'serverResponseCode');
  if (typeof code === 'string' && temporaryLoginCodes.has(code.toUpperCase())) return throttled(where, text, thrown);
  // Outlook.com after a successful login whose mailbox is not ready; it is the next time.
  if (/authenticated but not connected/iu.test(text)) return new ConnectionLost(oneLine(text), { cause: thrown });
  return new SourceFault('login-refused', `${where} refused the login: ${oneLine(text)}`, {
    remedy: 'Check user name and password of this source, then run the collection again.',
    cause: thrown,
  });
}

function throttled(where: string, text: string, cause: unknown): SourceFault {
  return new SourceFault('throttled', `${where} asks to be left alone for a while: ${oneLine(text)}`, {
    remedy: 'Run the collection again later; it goes on where it stopped.',
    cause,
  });
}

function isTlsTrouble(thrown: unknown, code: string | undefined): boolean {
  if (flagged(thrown, 'tlsFailed')) return true;
  return code !== undefined && /^(?:ERR_TLS|ERR_SSL|EPROTO|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/u.test(code);
}

function tlsFailed(where: string, text: string, cause: unknown): SourceFault {
  return new SourceFault('tls-failed', `no secure connection to ${where}: ${oneLine(text)}`, {
    remedy: 'Check the port, whether TLS is implicit or STARTTLS there, and the server’s certificate.',
    cause,
  });
}

function textOf(thrown: unknown): string {
  for (const name of ['responseText', 'response', 'reason']) {
    const value = field(thrown, name);
    if (typeof value === 'string' && value !== '') return value;
  }
  return messageOf(thrown);
}

function flagged(thrown: unknown, name: string): boolean {
  return field(thrown, name) === true;
}

function field(thrown: unknown, name: string): unknown {
  return typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, name) : undefined;
}

/** The server's words, cut to what fits a line: they are shown to people and kept in the ledger's sidecar. */
function oneLine(text: string): string {
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 300);
}
