import { type CanaryCage } from '../object-lock/canary-cage.ts';
import { failed, passed, type Probe } from '../probe.ts';

const VALUES = 256;
const kinds: Readonly<Record<string, Buffer>> = {
  'no bytes': Buffer.alloc(0),
  'every value of a byte': Buffer.from(Array.from({ length: VALUES }, (_, value) => value)),
  'every pair of values': Buffer.from(
    Array.from({ length: VALUES * VALUES }, (_, at) => [at & (VALUES - 1), Math.floor(at / VALUES)]).flat(),
  ),
};

export function exactBytes(cage: CanaryCage): Probe {
  return {
    name: 'exact-bytes',
    tries: 'Store nothing, every byte and every pair of bytes, and read them back',
    severity: 'refuse',
    consequence:
      'What is read is not what was stored. Do not start on this service, nor through what stands before it.',
    async run() {
      const wrong: string[] = [];
      for (const [kind, bytes] of Object.entries(kinds)) {
        const key = cage.keyOf(`exact-bytes-${bytes.length}`);
        const versionId = await cage.bucket.put(key, bytes);
        const read = await cage.bucket.get(key, versionId);
        if (!read.bytes.equals(bytes)) wrong.push(`${kind}: ${read.bytes.length} other bytes`);
      }
      return wrong.length === 0 ? passed('the same bytes come back') : failed(wrong.join('; '));
    },
  };
}
