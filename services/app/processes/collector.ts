import type { Logger } from 'pino';
import { messageOf } from '#kernel';
import type { Deployment } from '../deployment.ts';
import { AfterCommits } from './after-commits.ts';
import { Collectors } from './collectors.ts';

/** Collects from the sources that are configured, each in one process at a time. */
export function startCollector(deployment: Deployment, log: Logger): AsyncDisposable {
  const parts = new AsyncDisposableStack();
  if (deployment.readOnly) return parts;
  const collectors = new Collectors(deployment, log);
  const report = (thrown: unknown) => log.error({ problem: messageOf(thrown) }, 'following the ledger failed');
  const startNew = async () => {
    await deployment.recorder.fold();
    collectors.startNew();
  };
  parts.use(new AfterCommits(deployment.ledger, startNew, report));
  parts.use(collectors);
  return parts;
}
