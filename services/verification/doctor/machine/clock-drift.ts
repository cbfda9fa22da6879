import type { Clock } from '#kernel';
import { failed, passed, type Probe } from '../probe.ts';

const SECOND = 1_000;
const driftMillisecondsMax = 60 * SECOND;

/** @param servedTime the other clock, in milliseconds since 1970; it may have whole seconds */
export function clockDrift(of: string, servedTime: () => Promise<number>, clock: Clock): Probe {
  return {
    name: `clock-drift-${of}`,
    tries: `Compare this machine's clock with that of ${of}`,
    severity: 'worm',
    consequence:
      'Locks would end at another time than they should, so locking and disposal refuse to work. Set both clocks (NTP).',
    async run() {
      const before = clock.now();
      const served = await servedTime();
      const after = clock.now();
      // Anywhere between asking and answering, in a second that was cut off.
      const behind = Math.min(0, served + SECOND - before);
      const drift = behind < 0 ? behind : Math.max(0, served - after);
      const seconds = (drift / SECOND).toFixed(1);
      return Math.abs(drift) > driftMillisecondsMax ? failed(`${seconds} s apart`) : passed(`${seconds} s apart`);
    },
  };
}
