import type { Express } from 'express';
import type { Logger } from 'pino';
import { createApi, createHealth } from '#api';
import { messageOf } from '#kernel';
import { rememberHead } from '../compose.ts';
import type { Deployment } from '../deployment.ts';
import { statusOf } from '../status.ts';
import { version } from '../version.ts';
import { AfterCommits } from './after-commits.ts';
import { metricsOf } from './figures.ts';

/** The HTTP API, and with it what its answers rest on: exports that hold what was disposed of go, the head is remembered. */
export function startApi(deployment: Deployment, log: Logger): AsyncDisposable {
  const parts = new AsyncDisposableStack();
  if (deployment.readOnly) return parts;
  const settle = async () => {
    await deployment.recorder.fold();
    await deployment.exports.discardFinished();
    await rememberHead(deployment);
  };
  const report = (thrown: unknown) => log.error({ problem: messageOf(thrown) }, 'following the ledger failed');
  parts.use(new AfterCommits(deployment.ledger, settle, report));
  return parts;
}

/** What answers over HTTP in a process: everything, or where it is no API only health and metrics. */
export function applicationOf(deployment: Deployment, log: Logger, isApi: boolean, ready: () => boolean): Express {
  const options = {
    version: version(),
    report: (thrown: unknown) => log.error({ problem: messageOf(thrown) }, 'request failed'),
    ready,
    searchTrouble: () => deployment.index.trouble?.(),
  };
  const parts = { ...deployment, metrics: metricsOf(deployment, isApi), status: () => statusOf(deployment) };
  return isApi ? createApi(parts, options) : createHealth(parts, options);
}
