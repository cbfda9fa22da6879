import { setTimeout } from 'node:timers/promises';

const FIRST_PAUSE_MS = 50;
const PAUSE_MS_MAX = 2000;

/** Waits longer from attempt to attempt, with jitter so that many processes do not come back at once. */
export async function pauseBefore(attempt: number): Promise<void> {
  const pause = Math.min(PAUSE_MS_MAX, FIRST_PAUSE_MS * 2 ** (attempt - 1));
  await setTimeout(pause * (0.5 + Math.random() / 2));
}

/** Repeats what failed in passing; the last failure, and any other, is thrown as it is. */
export async function retrying<T>(
  attemptsMax: number,
  isPassing: (thrown: unknown, attempt: number) => boolean,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (thrown) {
      if (attempt >= attemptsMax || !isPassing(thrown, attempt)) throw thrown;
      await pauseBefore(attempt);
    }
  }
}
