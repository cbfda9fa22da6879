/**
 * The code of an error that Redis answered (`OOM`, `NOSCRIPT`, `READONLY` …), or undefined for anything else. Redis has no
 * other place for it than the first word of the message.
 */
export function replyCodeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('message' in thrown)) return undefined;
  return typeof thrown.message === 'string' ? /^[A-Z]{2,}(?= |$)/u.exec(thrown.message)?.[0] : undefined;
}
