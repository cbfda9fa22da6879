import { type Check, isObjectStorageFault, putWithWrongChecks } from '#object-storage';
import { attempt } from '../object-lock/attempt.ts';
import { bytesOf, type CanaryCage } from '../object-lock/canary-cage.ts';
import { failed, passed, type Probe } from '../probe.ts';

const unheeded =
  'The service does not compare this check with what arrives. This program sends three of them, and one that is heeded is enough.';

const checks: readonly { readonly name: string; readonly said: string; readonly wrong: readonly Check[] }[] = [
  { name: 'wrong-content-md5', said: 'a Content-MD5', wrong: ['content-md5'] },
  { name: 'wrong-sha256', said: 'a sha256 checksum', wrong: ['sha256'] },
  { name: 'wrong-crc32', said: 'a CRC-32 checksum', wrong: ['crc32'] },
  { name: 'wrong-signed-hash', said: 'a signed hash', wrong: ['signature'] },
];

/** Each check by itself, and the three that this program sends together, as when bytes change under way. */
export function wrongChecks(cage: CanaryCage): readonly Probe[] {
  return [
    ...checks.map((check) => checkProbe(cage, { ...check, consequence: unheeded })),
    checkProbe(cage, {
      name: 'changed-under-way',
      said: 'Content-MD5, sha256 and signed hash',
      wrong: ['content-md5', 'sha256', 'signature'],
      consequence:
        'Bytes that change under way are stored without a word, and found only when they are read. Use TLS, and move to a service that compares at least one check.',
    }),
  ];
}

interface WrongCheck {
  readonly name: string;
  readonly said: string;
  readonly wrong: readonly Check[];
  readonly consequence: string;
}

function checkProbe(cage: CanaryCage, { name, said, wrong, consequence }: WrongCheck): Probe {
  return {
    name,
    tries: `Store bytes with ${said} of other bytes`,
    severity: 'fault',
    consequence,
    async run() {
      const key = cage.keyOf(name);
      const bytes = bytesOf(name);
      // Of the same length: only their hash tells them apart.
      const others = Buffer.from(bytes.toReversed());
      const { refused, answer } = await attempt(async () =>
        putWithWrongChecks(cage.bucket, key, { bytes, others, wrong }),
      );
      if (!refused) return failed('accepted');
      return (await isThere(cage, key)) ? failed(`${answer}, and stored all the same`) : passed(`refused: ${answer}`);
    },
  };
}

async function isThere(cage: CanaryCage, key: string): Promise<boolean> {
  try {
    await cage.bucket.head(key);
    return true;
  } catch (error) {
    if (isObjectStorageFault(error, 'not-found')) return false;
    throw error;
  }
}
