import { Fault, messageOf } from '#kernel';
import type { ListedProbe, Observation, Probe, ProbeResult } from './probe.ts';

/** Runs probes one after the other and gives each result as it comes. Never throws for what a probe meets. */
export async function* examine(probes: Iterable<ListedProbe>): AsyncGenerator<ProbeResult> {
  for (const probe of probes) {
    const { name, about, tries, severity } = probe;
    const { outcome, what, consequence = probe.consequence } = await observe(probe);
    const follows = outcome === 'passed' || outcome === 'not-applicable' ? '' : consequence;
    yield { name, about, tries, severity, outcome, what, consequence: follows };
  }
}

async function observe(probe: Probe): Promise<Observation> {
  try {
    return await probe.run();
  } catch (thrown) {
    const remedy = thrown instanceof Fault ? thrown.remedy : 'See the message, and try again.';
    return { outcome: 'undecided', what: `it could not be tried: ${messageOf(thrown)}`, consequence: remedy };
  }
}

/** Whether all is well: nothing failed, and nothing that was to be tried could not be. */
export function isSound(results: readonly ProbeResult[]): boolean {
  return results.every(({ outcome }) => outcome !== 'failed' && outcome !== 'undecided');
}

/** The failures on which nothing may be started. */
export function refusals(results: readonly ProbeResult[]): readonly ProbeResult[] {
  return results.filter(({ outcome, severity }) => outcome === 'failed' && severity === 'refuse');
}
