import { Cron } from 'croner';
import { pino, type Logger } from 'pino';
import { createApi, Metrics } from '#api';
import { messageOf } from '#kernel';
import { backUp } from '../back-up.ts';
import type { Deployment } from '../compose.ts';
import { statusOf } from '../status.ts';
import { version } from '../version.ts';
import { Collectors } from './collectors.ts';
import { HttpListener } from './http-listener.ts';

export interface Serving {
  readonly url: string;
  /** The bearer token, when this start made the first one. */
  readonly token: string | undefined;
}

/**
 * The API, the collectors and the scheduler in one process, until the signal is aborted. Then it stops taking requests,
 * lets those under way finish for some seconds, stops collecting after the current batch, and returns.
 */
export async function serve(
  deployment: Deployment,
  signal: AbortSignal,
  onServing: (serving: Serving) => void,
): Promise<void> {
  const log = pino({ level: deployment.config.logLevel, base: null }, pino.destination(2));
  const token = deployment.tokens.exists ? undefined : await deployment.tokens.rotate('cli');
  await using stack = new AsyncDisposableStack();
  const metrics = metricsOf(deployment);
  const api = createApi(
    { ...deployment, metrics, status: () => statusOf(deployment) },
    {
      version: version(),
      report: (thrown) => log.error({ problem: messageOf(thrown) }, 'request failed'),
      ready: () => !signal.aborted,
    },
  );
  const listener = stack.use(await HttpListener.open(deployment.config, api));
  if (!deployment.readOnly) stack.use(new Collectors(deployment, log));
  stack.use(schedule(deployment, log, signal));
  stack.defer(deployment.ledger.onCommitted(() => void deployment.exports.discardFinished()));
  onServing({ url: listener.url, token });
  log.info({ url: listener.url }, 'serving');
  await aborted(signal);
  log.info('stopping');
}

/** Backups by cron expression, never two at once. */
function schedule(deployment: Deployment, log: Logger, signal: AbortSignal): Disposable {
  const { backup } = deployment.config;
  if (backup === undefined) return { [Symbol.dispose]: () => {} };
  const job = new Cron(backup.cron, { protect: true }, async () => {
    try {
      const report = await backUp(deployment, backup.to, { signal, actor: 'scheduler' });
      log.info(report, 'backed up');
    } catch (fault) {
      log.error({ problem: messageOf(fault) }, 'the backup failed');
    }
  });
  return { [Symbol.dispose]: () => job.stop() };
}

function metricsOf({ ledger, catalog }: Deployment): Metrics {
  const metrics = new Metrics();
  metrics.gauge('muniment_ledger_entries', 'Entries in the ledger', () => ledger.head.size);
  metrics.gauge('muniment_catalog_lag_entries', 'Entries not yet folded', () => ledger.head.size - catalog.position());
  metrics.gauge('muniment_messages', 'Messages captured', () => catalog.messages.totals().messages);
  metrics.gauge('muniment_message_bytes', 'Bytes of messages captured', () => catalog.messages.totals().bytes);
  metrics.gauge('muniment_holds_active', 'Legal holds in force', () => catalog.holds.active().length);
  return metrics;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
