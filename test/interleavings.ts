import { setImmediate } from 'node:timers/promises';
import type { Gate } from './crashing-stores.ts';

/** Calls of stores that wait to be let go, in the order in which they came. For one run. */
export class Crossing {
  readonly #waiting: (() => void)[] = [];
  #arrivals = 0;
  #isOver = false;

  readonly gate: Gate = () => {
    if (this.#isOver) return undefined;
    this.#arrivals += 1;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    return promise;
  };

  /**
   * Runs the works against each other, each begun at any time: whenever none of them can go on by itself, `choose` says which of the waiting calls
   * goes next. `isBusy`: something goes on that is no call of a store.
   */
  async run<T>(
    works: readonly (() => Promise<T>)[],
    choose: (options: number) => number,
    isBusy: () => boolean,
  ): Promise<PromiseSettledResult<T>[]> {
    const all = Promise.allSettled(works.map((work) => this.#begin(work))).finally(() => this.#end());
    for (;;) {
      await this.#standstill(isBusy);
      if (this.#isOver) return all;
      const [next] = this.#waiting.splice(choose(this.#waiting.length), 1);
      next?.();
    }
  }

  /** What goes on in the background, as the index that follows, may still wait. */
  #end(): void {
    this.#isOver = true;
    for (const go of this.#waiting.splice(0)) go();
  }

  async #begin<T>(work: () => Promise<T>): Promise<T> {
    await this.gate('begin', 'before');
    return work();
  }

  /** Until nothing has moved for some turns of the event loop. */
  async #standstill(isBusy: () => boolean): Promise<void> {
    const quietTurns = 3;
    let seen = this.#arrivals;
    for (let quiet = 0; quiet < quietTurns && !this.#isOver;) {
      await setImmediate();
      quiet = isBusy() || seen !== this.#arrivals || this.#waiting.length === 0 ? 0 : quiet + 1;
      seen = this.#arrivals;
    }
  }
}

/** Every way to choose, one after the other: the last choice that has another option left takes it. */
export class EveryChoice {
  #path: number[] = [];
  #options: number[] = [];
  #depth = 0;
  runs = 0;

  readonly choose = (options: number): number => {
    const choice = this.#path[this.#depth] ?? 0;
    this.#path[this.#depth] = choice;
    this.#options[this.#depth] = options;
    this.#depth += 1;
    return Math.min(choice, options - 1);
  };

  /** False when every way has been gone. */
  next(): boolean {
    this.runs += 1;
    const length = this.#depth;
    this.#depth = 0;
    for (let at = length - 1; at >= 0; at--) {
      const choice = (this.#path[at] ?? 0) + 1;
      if (choice >= (this.#options[at] ?? 0)) continue;
      this.#path = [...this.#path.slice(0, at), choice];
      return true;
    }
    return false;
  }
}

/** Choices that only the seed decides (Park and Miller's generator). */
export function drawnChoice(seed: number): (options: number) => number {
  let state = seed;
  return (options) => {
    state = (state * 48_271) % 2_147_483_647;
    return Math.floor((state / 2_147_483_647) * options);
  };
}
