import { putAsStranger, readAsStranger, type Stranger } from '#object-storage';
import { attempt } from '../object-lock/attempt.ts';
import { bytesOf, type CanaryCage } from '../object-lock/canary-cage.ts';
import { failed, passed, type Probe } from '../probe.ts';

const strangers: readonly { readonly stranger: Stranger; readonly described: string }[] = [
  { stranger: 'wrong-secret', described: 'the right access key and a wrong secret' },
  { stranger: 'unknown-access-key', described: 'an access key that nobody has' },
  { stranger: 'unsigned', described: 'no credentials at all' },
];

/** Nobody but us may read or write. */
export function strangersRefused(cage: CanaryCage): Probe {
  return {
    name: 'strangers-refused',
    tries: 'Read and write with wrong credentials and with none',
    severity: 'refuse',
    consequence:
      'Anybody who reaches the service reads the mail and writes to the bucket. Do not start on it: let the service check signatures, and close the bucket to the public.',
    async run() {
      const { key, bytes } = await cage.plant('strangers-refused');
      const admitted: string[] = [];
      for (const { stranger, described } of strangers) {
        const read = await attempt(async () => readAsStranger(cage.bucket, key, stranger));
        if (!read.refused) admitted.push(`reading with ${described}`);
        const other = cage.keyOf(`strangers-refused-${stranger}`);
        const write = await attempt(async () => putAsStranger(cage.bucket, other, bytesOf(stranger), stranger));
        if (!write.refused) admitted.push(`writing with ${described}`);
      }
      if (admitted.length > 0) return failed(`accepted: ${admitted.join(', ')}`);
      return passed(`all refused; our own credentials read ${bytes.length} bytes`);
    },
  };
}
