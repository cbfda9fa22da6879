import { setTimeout } from 'node:timers/promises';

/** Does something again and again with a pause in between, until the signal is aborted. A failure is told, and is not the end. */
export async function repeating(
  everyMs: number,
  signal: AbortSignal,
  onFailure: (thrown: unknown) => void,
  work: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await work().catch((thrown: unknown) => {
      if (!signal.aborted) onFailure(thrown);
    });
    await setTimeout(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

/** The same in the background, until it is disposed of. */
export function inBackground(
  everyMs: number,
  onFailure: (thrown: unknown) => void,
  work: (signal: AbortSignal) => Promise<void>,
): AsyncDisposable {
  const stopping = new AbortController();
  const running = repeating(everyMs, stopping.signal, onFailure, () => work(stopping.signal));
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('stopping'));
      await running;
    },
  };
}
