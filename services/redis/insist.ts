import { stopwatch } from '#kernel';
import { setTimeout as pause } from 'node:timers/promises';
import { replyCodeOf } from './reply-code.ts';

/** Answers of Redis that no waiting makes better. */
const finalCodes: ReadonlySet<string | undefined> = new Set(['ERR', 'WRONGTYPE', 'NOPERM', 'NOAUTH', 'WRONGPASS']);

const firstMs = 50;
const longestMs = 1000;

export interface InsistOptions {
  readonly signal: AbortSignal;
  /** How long Redis may be away before it is given up. */
  readonly unreachableMs: number;
  /** The caller's words for what went wrong. */
  readonly fault: { readonly full: (cause?: unknown) => Error; readonly unreachable: (cause?: unknown) => Error };
  /** Told of every attempt that failed. */
  readonly onTrouble: (fault: Error) => void;
}

/**
 * Repeats an action, which must tolerate that, until Redis has carried it out: for `unreachableMs` while Redis is away, and
 * without end while it is full, since that is what slows down those who write.
 * @throws the fault `unreachable`; the signal's reason; what Redis refuses for good
 */
export async function insist<T>(action: () => Promise<T>, options: InsistOptions): Promise<T> {
  const { signal, unreachableMs, fault, onTrouble } = options;
  let away = stopwatch();
  for (let waitMs = firstMs; ; waitMs = Math.min(longestMs, waitMs * 2)) {
    signal.throwIfAborted();
    try {
      return await action();
    } catch (thrown) {
      const code = replyCodeOf(thrown);
      if (finalCodes.has(code)) throw thrown;
      if (code === 'OOM') away = stopwatch();
      const trouble = code === 'OOM' ? fault.full(thrown) : fault.unreachable(thrown);
      onTrouble(trouble);
      if (away() > unreachableMs) throw trouble;
    }
    // An abort ends the pause; the loop throws its reason.
    await pause(waitMs, undefined, { signal }).catch(() => undefined);
  }
}
