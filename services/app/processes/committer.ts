import type { Logger } from 'pino';
import { messageOf } from '#kernel';
import { CommitterServer } from '../../ledger/adapters/committer-server.ts';
import type { Deployment } from '../deployment.ts';
import { committerLease } from '../finding-committer.ts';
import { Holding } from './holding.ts';

/** How soon a standby takes over from a committer that died. Until then every process commits by itself. */
const leaseMs = 3000;

/** Commits the entries of all processes, while it holds the lease; else it stands by. */
export async function startCommitter(deployment: Deployment, log: Logger): Promise<AsyncDisposable> {
  const { ledger, leases, handOverSecret, config, isShared, readOnly } = deployment;
  const parts = new AsyncDisposableStack();
  if (!isShared || readOnly || handOverSecret === undefined) return parts;
  const { host, port, announced } = config.committer;
  const server = parts.use(await CommitterServer.start({ ledger, secret: handOverSecret, host, port }));
  const address = announced ?? server.address;
  deployment.ownAddresses.add(address);
  const onTrouble = (thrown: unknown) =>
    log.error({ problem: messageOf(thrown) }, 'the lease of the committer is away');
  const options = { name: committerLease, ttlMs: leaseMs, text: address, onTrouble };
  parts.use(
    new Holding(leases, options, async (signal) => {
      log.info({ address }, 'committing for all processes');
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    }),
  );
  return parts;
}
