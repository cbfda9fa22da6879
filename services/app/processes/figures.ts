import { Metrics } from '#api';
import { captureJob } from '#ingest';
import type { Deployment } from '../deployment.ts';
import { spoolBytesMax } from '../work-places.ts';

/**
 * What a process shows at /metrics. Every process shows what it does itself; what all processes share (ledger, archive,
 * queue, spool, index) is shown by the API alone, so that nobody adds one queue up seven times.
 */
export function metricsOf(deployment: Deployment, isApi: boolean): Metrics {
  const metrics = new Metrics();
  const { ledger, catalog, captured } = deployment;
  metrics.gauge('muniment_catalog_lag_entries', 'Entries not yet folded', () => ledger.head.size - catalog.position());
  metrics.counter('muniment_captures_total', 'Capture jobs by what became of them', 'outcome', () => captured.counts());
  if (isApi) {
    showArchive(metrics, deployment);
    showStorage(metrics, deployment);
    showWork(metrics, deployment);
  }
  return metrics;
}

function showArchive(metrics: Metrics, { ledger, catalog, index }: Deployment): void {
  metrics.gauge('muniment_ledger_entries', 'Entries in the ledger', () => ledger.head.size);
  metrics.gauge('muniment_messages', 'Messages captured', () => catalog.messages.totals().messages);
  metrics.gauge('muniment_message_bytes', 'Bytes of messages captured', () => catalog.messages.totals().bytes);
  metrics.gauge('muniment_holds_active', 'Legal holds in force', () => catalog.holds.active().length);
  metrics.askedFor('index', () => index.position(), [
    {
      name: 'muniment_index_lag_entries',
      help: 'Entries that the search index does not cover yet',
      // Whoever writes the index may know of more entries than this process.
      of: (position) => Math.max(0, ledger.head.size - position),
    },
  ]);
}

/** An archive in a folder has no lock that could be withdrawn: a 0 would only be an alarm for nothing. */
function showStorage(metrics: Metrics, { storageStanding }: Deployment): void {
  if (storageStanding.current.lock === 'application') return;
  const isSound = () => (storageStanding.current.worm === 'sound' ? 1 : 0);
  metrics.gauge('muniment_worm', '1 while the lock of storage is proven, 0 while it is not', isSound);
}

function showWork(metrics: Metrics, { queue, spool }: Deployment): void {
  metrics.askedFor('queue', () => queue.counts(captureJob), [
    {
      name: 'muniment_capture_jobs',
      help: 'Capture jobs of all processes by state; dead: given up, until somebody retries or dismisses them',
      label: 'state',
      of: ({ waiting, running, delayed, failed }) => ({ waiting, active: running, delayed, dead: failed }),
    },
  ]);
  metrics.askedFor('spool', () => spool.heldBytes(), [
    {
      name: 'muniment_spool_bytes',
      help: 'Bytes in the spool, of all processes; files not counted',
      of: (held) => held,
    },
  ]);
  metrics.gauge('muniment_spool_bytes_max', 'Bytes at which sources wait', () => spoolBytesMax);
}
