/**
 * `refuse`: the program must not start on this. `worm`: nothing here may be called write-once until it is mended; archiving
 * goes on. `fault`: something is wrong that this program works around, or that weakens what it promises besides the lock.
 */
export type Severity = 'refuse' | 'worm' | 'fault';

/**
 * `noted`: no failure, but something that whoever is responsible should know. `undecided`: it could not be tried (a server that
 * does not answer), so that nothing is known.
 */
export type Outcome = 'passed' | 'noted' | 'failed' | 'undecided' | 'not-applicable';

export interface Observation {
  readonly outcome: Outcome;
  /** What was seen, in one line without its full stop. */
  readonly what: string;
  /** Instead of the probe's, where what follows depends on what was seen. */
  readonly consequence?: string;
}

/** What a probe is about. Only `storage` says anything of the lock. */
export type Subject = 'machine' | 'storage' | 'queue' | 'search';

/** One thing to try, on something of its own. It leaves nothing changed but canaries. */
export interface Probe {
  /** In kebab-case, unique in a list. */
  readonly name: string;
  /** What it tries, as an order: "Delete a locked version". */
  readonly tries: string;
  /** How bad a failure is. */
  readonly severity: Severity;
  /** What follows from a failure, and what to do. */
  readonly consequence: string;
  /** Throws where it cannot be tried. */
  run(): Promise<Observation>;
}

/** A probe with its place in a list. */
export interface ListedProbe extends Probe {
  readonly about: Subject;
}

export function about(subject: Subject, probes: readonly Probe[]): readonly ListedProbe[] {
  return probes.map((probe) => ({ ...probe, about: subject }));
}

export interface ProbeResult {
  readonly name: string;
  readonly about: Subject;
  readonly tries: string;
  readonly severity: Severity;
  readonly outcome: Outcome;
  readonly what: string;
  /** Empty where nothing follows. */
  readonly consequence: string;
}

export function passed(what: string): Observation {
  return { outcome: 'passed', what };
}

export function failed(what: string): Observation {
  return { outcome: 'failed', what };
}

export function noted(what: string, consequence: string): Observation {
  return { outcome: 'noted', what, consequence };
}

export function notApplicable(what: string): Observation {
  return { outcome: 'not-applicable', what };
}
