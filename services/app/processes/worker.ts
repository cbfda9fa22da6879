import type { Logger } from 'pino';
import { messageOf } from '#kernel';
import type { Deployment } from '../deployment.ts';
import { Holding } from './holding.ts';
import { repeating } from './repeating.ts';

const indexLeaseMs = 10_000;
const followEveryMs = 250;

/**
 * Takes capture jobs: reads, judges, stores and records messages. Where several processes share a search index, one of the
 * workers brings it up to the ledger, with what the others hand over and what dead ones left out.
 */
export function startWorker(deployment: Deployment, log: Logger): AsyncDisposable {
  const { recorder, leases } = deployment;
  const parts = new AsyncDisposableStack();
  deployment.startCapturing();
  if (!recorder.sharesIndex) return parts;
  const onTrouble = (thrown: unknown) => log.error({ problem: messageOf(thrown) }, 'the search index is not followed');
  const options = { name: 'index', ttlMs: indexLeaseMs, onTrouble };
  parts.use(
    new Holding(leases, options, async (signal) => {
      recorder.leadsIndex = true;
      try {
        await repeating(followEveryMs, signal, onTrouble, () => recorder.catchUp());
      } finally {
        recorder.leadsIndex = false;
      }
    }),
  );
  return parts;
}
