import { randomBytes } from 'node:crypto';
import type { Leases } from '#jobs';
import type { HandOver } from '#ledger';
import { HttpHandOver } from '../ledger/adapters/http-hand-over.ts';
import { CommitterFinder } from './finding-committer.ts';
import type { Secrets } from './secrets.ts';

const secretName = 'hand-over-secret';

export interface Handing {
  readonly handOver: HandOver;
  readonly secret: string;
  /** To be filled with where this process itself commits. */
  readonly ownAddresses: Set<string>;
}

/** The way to whichever process holds the committer's lease. */
export function openHandOver(leases: Leases, secrets: Secrets, opening: AsyncDisposableStack): Handing {
  const secret = secrets.readOrCreate(secretName, () => randomBytes(32).toString('base64url'));
  const ownAddresses = new Set<string>();
  const finder = opening.use(new CommitterFinder(leases, ownAddresses));
  const handOver = opening.use(new HttpHandOver({ address: finder.address, secret }));
  return { handOver, secret, ownAddresses };
}
