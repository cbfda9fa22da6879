import { JobFault } from './job-fault.ts';
import { leaseTextBytesMax, type LeaseOptions } from './leases.ts';

const ttlMsMin = 100;

/** @throws JobFault `lease-refused` */
export function assertLeaseOptions(name: string, { ttlMs, text = '' }: LeaseOptions): void {
  const bytes = Buffer.byteLength(text);
  if (bytes <= leaseTextBytesMax && ttlMs >= ttlMsMin) return;
  throw new JobFault('lease-refused', `the lease ${name} asks for ${ttlMs} ms and carries ${bytes} bytes`, {
    remedy: `Ask for at least ${ttlMsMin} ms, and let it carry at most ${leaseTextBytesMax} bytes, such as an address.`,
  });
}
