import { unlessAborted } from '#kernel';

/**
 * Those of this process who want to put something, one after the other. When the first has to wait for room, those behind
 * it are told, and those who come later too: all of them have to wait.
 */
export class LocalLine {
  #last: Promise<void> = Promise.resolve();
  readonly #behind = new Set<() => void>();
  #isHeldUp = false;

  /** @param work gets a function to call when it has to wait for room */
  async pass<T>(
    work: (heldUp: () => void) => Promise<T>,
    options: { readonly stop: AbortSignal; readonly beforeWaiting: () => void },
  ): Promise<T> {
    const before = this.#last;
    const { promise, resolve: leave } = Promise.withResolvers<void>();
    this.#last = promise;
    const tell = once(options.beforeWaiting);
    if (this.#isHeldUp) tell();
    this.#behind.add(tell);
    try {
      await unlessAborted(before, options.stop);
    } catch (thrown) {
      void before.then(leave);
      throw thrown;
    } finally {
      this.#behind.delete(tell);
    }
    try {
      return await work(() => {
        this.#isHeldUp = true;
        for (const one of [tell, ...this.#behind]) one();
      });
    } finally {
      this.#isHeldUp = false;
      leave();
    }
  }

  /** When everybody who is in it now has left. */
  async emptied(): Promise<void> {
    await this.#last;
  }
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}
