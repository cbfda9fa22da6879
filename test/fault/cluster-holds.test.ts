import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { digestOf } from '#kernel';
import { Cluster } from '../cluster.ts';
import { expectVerified, ledgerIn, recordBucket } from '../cluster-checks.ts';
import { ClusterHolds } from '../cluster-holds.ts';
import { ClusterMail, letterOf } from '../cluster-mail.ts';
import { describeProfile, onServers } from '../profiles.ts';
import { coveredBy } from '../recorded.ts';
import { seeds } from '../soak.ts';

const timeoutMs = seeds(300_000, 7_200_000);
const matchingLetters = seeds(300, 5_000);
const knownLetters = seeds(40, 500);
const lettersPerSource = 20;
const dayMs = 86_400_000;
const roles = {
  api: 'api',
  committer: 'committer',
  'worker-1': 'worker',
  'worker-2': 'worker',
  'worker-3': 'worker',
  'worker-4': 'worker',
};
const forMatching = 10_000;

/** Of the letters that come while a hold is placed. */
function matches(number: number): boolean {
  return number % 6 !== 0;
}

describeProfile(onServers, () => {
  let cluster: Cluster;
  let mail: ClusterMail;
  let holds: ClusterHolds;

  beforeAll(async () => {
    cluster = await Cluster.start({ roles });
    mail = await ClusterMail.open(cluster);
    holds = new ClusterHolds(cluster);
    await holds.makeMatter();
  }, timeoutMs);
  afterAll(async () => {
    await mail[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
  }, timeoutMs);

  test(
    'known bytes that a held custodian is seen to have are held, before and after the hold is placed',
    async () => {
      const letters = Array.from({ length: knownLetters }, (_, at) => letterOf(at));
      const half = letters.length / 2;
      await mail.show('ada', letters);
      await mail.show('carol', letters.slice(0, half / 2));
      await Promise.all([
        holds.place('custodian:carol', []),
        mail.show('carol', letters.slice(half / 2, half)),
        mail.show('carol', letters.slice(half, half + half / 2)),
      ]);
      await mail.show('carol', letters.slice(half + half / 2));
      const held = new Set((await holds.stored()).filter((one) => one.held).map(({ digest }) => digest));
      expect(held).toEqual(new Set(letters.map((letter) => digestOf(letter))));
      await holds.expectKept();
    },
    timeoutMs,
  );

  test(
    `a hold placed while four workers capture ${matchingLetters} matching messages is on every one, with the lock`,
    async () => {
      await mail.deployment.retention.setDefault('30d', 'cli');
      const numbers = Array.from({ length: matchingLetters + matchingLetters / 5 }, (_, at) => forMatching + at);
      const bytesOf = (number: number): Buffer => letterOf(number, matches(number) ? 'A heron.' : '');
      const matching = numbers.filter(matches).map((number) => digestOf(bytesOf(number)));
      expect(matching).toHaveLength(matchingLetters);
      const groups = Array.from({ length: numbers.length / lettersPerSource }, (_, at) =>
        numbers.slice(at * lettersPerSource, (at + 1) * lettersPerSource).map(bytesOf),
      );
      const third = Math.floor(groups.length / 3);
      const show = (group: readonly Buffer[]): Promise<void> => mail.show('ada', group);
      const showing = groups.slice(0, third).map(show);
      await mail.more(2 * lettersPerSource);
      const placing = holds.place('heron', matching);
      showing.push(...groups.slice(third, 2 * third).map(show));
      const hold = await placing;
      await Promise.all([...showing, ...groups.slice(2 * third).map(show)]);
      const stored = await holds.stored();
      const names = new Set(matching as readonly string[]);
      const carrying = stored.filter(({ digest }) => names.has(digest));
      expect(carrying).toHaveLength(matchingLetters);
      const until = Date.now() + 29 * dayMs;
      const without = carrying.filter(
        (one) => !one.held || one.mode !== 'GOVERNANCE' || (one.retainUntil ?? 0) < until,
      );
      expect(without).toEqual([]);
      await using bucket = recordBucket(cluster);
      expect(coveredBy(await ledgerIn(bucket), hold)).toEqual(names);
      await holds.expectKept();
    },
    timeoutMs,
  );

  test('and all of it is whole', async () => expectVerified(cluster, mail.acknowledged.size), timeoutMs);
});
