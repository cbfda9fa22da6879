import type { Express } from 'express';
import { pino, type Logger } from 'pino';
import { createApi, Metrics } from '#api';
import { messageOf } from '#kernel';
import type { Deployment } from '../compose.ts';
import { statusOf } from '../status.ts';
import { version } from '../version.ts';
import { Background } from './background.ts';
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
  const state = { isServing: false };
  const api = apiOf(deployment, log, () => state.isServing);
  await using listener = await HttpListener.open(deployment.config, api);
  // Only now: a token made before a start that fails would never be shown.
  const token = deployment.tokens.exists ? undefined : await deployment.tokens.rotate('cli');
  await using background = new Background(deployment, log);
  state.isServing = true;
  onServing({ url: listener.url, token });
  log.info({ url: listener.url }, 'serving');
  await aborted(signal);
  state.isServing = false;
  log.info('stopping');
  // Together: each may take some seconds.
  await Promise.all([listener.close(), background.close()]);
}

function apiOf(deployment: Deployment, log: Logger, ready: () => boolean): Express {
  return createApi(
    { ...deployment, metrics: metricsOf(deployment), status: () => statusOf(deployment) },
    {
      version: version(),
      report: (thrown) => log.error({ problem: messageOf(thrown) }, 'request failed'),
      ready,
    },
  );
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
