import { setTimeout } from 'node:timers/promises';

/** All is well again within this time, without a person's help: what is promised of many processes. */
const mendedMsMax = 300_000;

/** Waits for a condition; a test that waits longer than all may take to mend itself fails. */
export async function mended(what: string | (() => string), condition: () => Promise<boolean>): Promise<void> {
  const late = AbortSignal.timeout(mendedMsMax);
  while (!(await condition())) {
    if (late.aborted) throw new Error(`not mended in five minutes: ${typeof what === 'string' ? what : what()}`);
    await setTimeout(100);
  }
}

/** The same for what ends by itself. */
export async function endsInTime(what: string, work: Promise<unknown>): Promise<void> {
  let hasEnded = false;
  const ending = work.finally(() => (hasEnded = true));
  await Promise.race([ending, mended(what, async () => await Promise.resolve(hasEnded))]);
  await ending;
}
