import { failed, passed, type Probe, type Severity } from '../probe.ts';
import { attempt } from './attempt.ts';
import type { Canary } from './canary.ts';
import type { CanaryCage } from './canary-cage.ts';

export interface Attack {
  readonly name: string;
  readonly tries: string;
  readonly severity?: Severity;
  readonly consequence: string;
  /** `refused`: storage must say no. `harmless`: it may say yes, as long as the version stays what it was. */
  readonly must: 'refused' | 'harmless';
  readonly plant?: (cage: CanaryCage) => Promise<Canary>;
  readonly attack: (canary: Canary, cage: CanaryCage) => Promise<unknown>;
}

/** Plants a canary, attacks it, and looks whether the version still reads back with the same bytes and the same lock. */
export function attackProbe(cage: CanaryCage, attack: Attack): Probe {
  const { name, tries, consequence } = attack;
  return {
    name,
    tries,
    consequence,
    severity: attack.severity ?? 'worm',
    async run() {
      const canary = await (attack.plant?.(cage) ?? cage.plant(name));
      const before = await cage.harmTo(canary);
      if (before !== undefined) return failed(`before anything was tried, ${before}`);
      const { refused, answer } = await attempt(() => attack.attack(canary, cage));
      const harm = await cage.harmTo(canary);
      if (harm !== undefined) return failed(`${answer}, and ${harm}`);
      if (attack.must === 'refused' && !refused) return failed('accepted, although nothing came of it');
      return passed(refused ? `refused: ${answer}` : 'accepted, and the locked version stays as it was');
    },
  };
}
