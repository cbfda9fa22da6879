import { messageOf, stopwatch, unlessAborted } from '#kernel';
import { examine, type ListedProbe, type LockExamination, lockExamination, type ProbeResult } from '#verification';
import type { Logger } from 'pino';
import type { Deployment } from '../deployment.ts';
import { probesOf } from '../doctor.ts';
import { repeating } from './repeating.ts';

const lookEveryMs = 60_000;
const DAY = 86_400_000;
/** After a run that could not try every lock; and the least between any two. */
const soonMs = 3_600_000;

/**
 * Runs doctor on the archive's own storage, servers and machine: at once, and a day after the last examination in the ledger.
 * Where a lock does not hold, that is logged as an error and recorded; archiving goes on. Ends when the signal is aborted.
 */
export async function examineDaily(deployment: Deployment, log: Logger, signal: AbortSignal): Promise<void> {
  const { storageStanding, clock } = deployment;
  let waited = stopwatch();
  let waitMs = 0;
  const onFailure = (thrown: unknown) => log.error({ problem: messageOf(thrown) }, 'storage could not be examined');
  await repeating(lookEveryMs, signal, onFailure, async () => {
    if (storageStanding.isBehind) await storageStanding.retry();
    if (waited() < waitMs) return;
    // Also after a failure: a server that is away is not attacked every minute.
    [waited, waitMs] = [stopwatch(), soonMs];
    const examination = await examineOnce(deployment, log, signal);
    const last = examination === undefined ? undefined : storageStanding.last;
    waitMs = waitAfter(examination?.verdict, last?.examined, clock.now());
  });
}

/**
 * How long after an examination the next one is due, in milliseconds: such that it comes when the last entry is a day old.
 * @param verdict undefined where storage has no lock
 * @param recorded when the examination was that the ledger has
 */
export function waitAfter(
  verdict: LockExamination['verdict'] | undefined,
  recorded: number | undefined,
  now: number,
): number {
  if (verdict === 'undecided') return soonMs;
  return Math.max(soonMs, Math.min(DAY, (recorded ?? now) + DAY - now));
}

async function examineOnce(deployment: Deployment, log: Logger, signal: AbortSignal) {
  const { config, clock, folder, storageStanding } = deployment;
  // The spool's folder is emptied at each start, and with it what a kill left of a probe.
  await using list = await probesOf(config, clock, folder.spool);
  // A server that does not answer keeps nobody from stopping.
  const results = await unlessAborted(resultsOf(list.probes, signal), signal);
  tell(results, log);
  const examination = lockExamination(results);
  if (examination === undefined) return undefined;
  const before = storageStanding.current.worm;
  await storageStanding.record(examination, 'scheduler');
  if (before === 'withdrawn' && examination.verdict === 'sound') log.info('storage keeps its locks again');
  if (storageStanding.current.worm === 'lapsed') log.error('the lock was proven too long ago: nothing is called WORM');
  return examination;
}

async function resultsOf(probes: readonly ListedProbe[], signal: AbortSignal): Promise<readonly ProbeResult[]> {
  const results: ProbeResult[] = [];
  for await (const result of examine(probes)) {
    signal.throwIfAborted();
    results.push(result);
  }
  return results;
}

/** What failed: what must not be relied on is an error, what is worked around a warning. */
function tell(results: readonly ProbeResult[], log: Logger): void {
  const failed = results.filter(({ outcome }) => outcome === 'failed');
  for (const { about, consequence, name, severity, what } of failed) {
    const facts = { probe: name, about, problem: what, consequence };
    if (severity === 'fault') log.warn(facts, 'something is not as it should be');
    else if (about === 'storage') log.error(facts, 'the lock of storage is not proven: nothing here is called WORM');
    else log.error(facts, 'this must not be relied on');
  }
  const undecided = results.filter(({ outcome }) => outcome === 'undecided').map(({ name }) => name);
  if (undecided.length > 0) log.warn({ probes: undecided }, 'could not be tried');
}
