import { versionPages } from '#object-storage';
import { attempt } from '../object-lock/attempt.ts';
import { bytesOf, type CanaryCage } from '../object-lock/canary-cage.ts';
import { failed, passed, type Observation, type Probe } from '../probe.ts';

const KEYS = 3;
const VERSIONS_OF_A_KEY = 3;
const PAGE = 2;

export function versionListing(cage: CanaryCage): readonly Probe[] {
  return [versionsByPages(cage), keyBelowKey(cage)];
}

function versionsByPages(cage: CanaryCage): Probe {
  const name = 'versions-by-pages';
  return {
    name,
    tries: `List ${KEYS * VERSIONS_OF_A_KEY} versions in pages of ${PAGE}`,
    severity: 'fault',
    consequence:
      'What is listed is not what is there. This program passes over what comes twice; a version that is missing would be missed by recovery and by a backup.',
    async run() {
      const planted = new Set<string>();
      for (let at = 0; at < KEYS * VERSIONS_OF_A_KEY; at += 1) {
        const { key, versionId } = await cage.plant(`${name}/${at % KEYS}`);
        planted.add(`${key} ${versionId}`);
      }
      const listed: string[] = [];
      for await (const page of versionPages(cage.bucket, cage.keyOf(`${name}/`), PAGE)) {
        listed.push(...page.map(({ key, versionId }) => `${key} ${versionId}`));
        if (listed.length > 2 * KEYS * VERSIONS_OF_A_KEY) return failed('the listing does not end');
      }
      return compared(planted, listed);
    },
  };
}

function compared(planted: ReadonlySet<string>, listed: readonly string[]): Observation {
  const found = new Set(listed);
  const missing = [...planted].filter((version) => !found.has(version)).length;
  const twice = listed.length - found.size;
  const strange = [...found].filter((version) => !planted.has(version)).length;
  if (missing + twice + strange === 0) return passed(`all ${planted.size} are listed, once each`);
  return failed(`${missing} missing, ${twice} repeated, ${strange} that were never stored`);
}

function keyBelowKey(cage: CanaryCage): Probe {
  const name = 'key-below-key';
  return {
    name,
    tries: 'Store at "a" and at "a/b", and list both',
    severity: 'fault',
    consequence:
      'A key that begins with another key and "/" is lost from sight. This program makes no such keys; let nothing else write to the bucket.',
    async run() {
      const keys = [cage.keyOf(`${name}/a`), cage.keyOf(`${name}/a/b`)];
      for (const key of keys) {
        const { refused, answer } = await attempt(async () => cage.bucket.put(key, bytesOf(name)));
        if (refused) return failed(`storing at "${key.slice(cage.keyOf(`${name}/`).length)}" is refused: ${answer}`);
      }
      const prefix = cage.keyOf(`${name}/`);
      const listed = { objects: new Set<string>(), versions: new Set<string>() };
      for await (const { key } of cage.bucket.list(prefix)) listed.objects.add(key);
      for await (const { key } of cage.bucket.versions(prefix)) listed.versions.add(key);
      const problems = Object.entries(listed).flatMap(([what, found]) =>
        keys.filter((key) => !found.has(key)).map((key) => `"${key.slice(prefix.length)}" is not among the ${what}`),
      );
      return problems.length === 0 ? passed('both are listed') : failed(problems.join('; '));
    },
  };
}
