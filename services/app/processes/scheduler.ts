import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import { messageOf } from '#kernel';
import type { Deployment } from '../deployment.ts';
import { finishEffects, recoverForgotten, recoverStored } from '../settle.ts';
import { BackupSchedule } from './backup-schedule.ts';
import { Holding } from './holding.ts';
import { repeating } from './repeating.ts';
import { examineDaily } from './storage-examinations.ts';

const leaseMs = 10_000;
const finishEveryMs = 60_000;

interface Times {
  /** What was stored too recently when this process began is old enough by then. */
  readonly recoverAgainAfterMs: number;
  /** Seldom: all that is stored is listed. */
  readonly recoverEveryMs: number;
}

const usualTimes: Times = { recoverAgainAfterMs: 900_000, recoverEveryMs: 86_400_000 };

/**
 * What is done at set times, and by one process: backups, finishing what other processes began and did not end
 * (disposals, sweeps, messages stored without an entry), and whether storage keeps its locks.
 */
export function startScheduler(deployment: Deployment, log: Logger, times: Times = usualTimes): AsyncDisposable {
  const { leases, readOnly } = deployment;
  const parts = new AsyncDisposableStack();
  if (readOnly) return parts;
  const onTrouble = (thrown: unknown) => log.error({ problem: messageOf(thrown) }, 'finishing interrupted work failed');
  const options = { name: 'scheduler', ttlMs: leaseMs, onTrouble };
  parts.use(
    new Holding(leases, options, async (signal) => {
      await using _backups = new BackupSchedule(deployment, log);
      const say = (note: string) => log.info(note);
      const examining = examineDaily(deployment, log, signal);
      if (deployment.isShared) await recoverForgotten(deployment, say).catch(onTrouble);
      const recoverAgain = async (): Promise<void> => {
        await setTimeout(times.recoverAgainAfterMs, undefined, { signal }).catch(() => undefined);
        await repeating(times.recoverEveryMs, signal, onTrouble, () => recoverStored(deployment, say));
      };
      await Promise.all([
        repeating(finishEveryMs, signal, onTrouble, () => finishEffects(deployment, say)),
        deployment.isShared ? recoverAgain() : undefined,
        examining,
      ]);
    }),
  );
  return parts;
}
