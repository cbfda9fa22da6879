import { InProcessLeases } from '../../services/jobs/adapters/in-process-leases.ts';
import { leasesContract } from './leases.ts';

leasesContract('InProcessLeases', async () => {
  const leases = new InProcessLeases();
  return await Promise.resolve([leases, leases]);
});
