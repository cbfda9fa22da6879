import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout } from 'node:timers/promises';
import { type Deployment, openDeployment, readConfig } from '#app';
import { type Digest, digestOf, Fault } from '#kernel';
import { Cluster } from '../cluster.ts';
import { expectVerified } from '../cluster-checks.ts';
import { ClusterHolds } from '../cluster-holds.ts';
import { ClusterMail, letterOf, wordOf } from '../cluster-mail.ts';
import { describeProfile, type Profile } from '../profiles.ts';
import { randomFrom } from '../random-moments.ts';
import { seeds } from '../soak.ts';

const timeoutMs = seeds(300_000, 7_200_000);
const races = seeds(12, 200);
const headStartMsMax = 60;
const forHolds = 10_000;
const roles = { api: 'api', committer: 'committer', 'worker-1': 'worker', 'worker-2': 'worker' };
/** Each process with an index of its own: in Elasticsearch every disposal waits half a minute for words to be gone. */
const onBucketAndRedis: Profile = {
  name: 'S3 and Redis',
  needs: ['s3', 'redis'],
  archive: 's3',
  search: 'embedded',
  queue: 'redis',
};

describeProfile(onBucketAndRedis, () => {
  let cluster: Cluster;
  let mail: ClusterMail;
  let holds: ClusterHolds;
  /** Another process than those that capture and that place holds, with a catalog of its own. */
  let disposer: Deployment;
  const random = randomFrom(13);

  beforeAll(async () => {
    cluster = await Cluster.start({ roles, profile: onBucketAndRedis });
    mail = await ClusterMail.open(cluster);
    holds = new ClusterHolds(cluster);
    await holds.makeMatter();
    const { env, program, url } = cluster.placed;
    const config = readConfig({ ...env, STATE_DIR: program.path('state', 'disposer') }, url);
    disposer = await openDeployment(config, { create: false, captures: false });
  }, timeoutMs);
  afterAll(async () => {
    await disposer[Symbol.asyncDispose]();
    await mail[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
  }, timeoutMs);

  /** Undefined when it was disposed of; else why not. */
  async function refusalToDispose(digest: Digest): Promise<string | undefined> {
    await disposer.recorder.fold();
    const message = disposer.catalog.messages.byDigest(digest);
    if (message === undefined) throw new Error(`${digest} is not archived`);
    try {
      await disposer.disposition.dispose(message, 'no longer needed', 'cli');
      return undefined;
    } catch (thrown) {
      if (thrown instanceof Fault) return thrown.code;
      throw thrown;
    }
  }

  /** Both at once, one of them a moment earlier. */
  async function raced<A, B>(one: () => Promise<A>, other: () => Promise<B>): Promise<[A, B]> {
    const [first, second] = [random(), random()].map((part) => Math.floor(part * headStartMsMax));
    return await Promise.all([setTimeout(first).then(one), setTimeout(second).then(other)]);
  }

  test(
    'a disposal meets a sighting under a held custodian: the message is held, or is captured again and held',
    async () => {
      const letters = Array.from({ length: races }, (_, at) => letterOf(at));
      await mail.show('ada', letters);
      await holds.place('custodian:carol', []);
      for (const letter of letters) {
        const digest = digestOf(letter);
        const [refusal] = await raced(
          () => refusalToDispose(digest),
          () => mail.show('carol', [letter]),
        );
        // `locked`: for a moment the sighting's flag was on what had been ordered just before. The scheduler does the rest.
        expect([undefined, 'locked', 'held']).toContain(refusal);
        if (refusal === 'locked') expect(await disposer.disposition.finish()).toBe(1);
        const live = await holds.stored(digest);
        expect(live).toEqual([expect.objectContaining({ generation: refusal === 'held' ? 1 : 2, held: true })]);
      }
      await holds.expectKept();
    },
    timeoutMs,
  );

  test(
    'a disposal meets a new hold: one of them comes first, and the other finds it',
    async () => {
      const letters = Array.from({ length: races }, (_, at) => letterOf(forHolds + at));
      await mail.show('ada', letters);
      for (const [at, letter] of letters.entries()) {
        const digest = digestOf(letter);
        const [refusal] = await raced(
          () => refusalToDispose(digest),
          () => holds.place(wordOf(forHolds + at), [digest]),
        );
        expect([undefined, 'held']).toContain(refusal);
        const live = await holds.stored(digest);
        expect(live).toEqual(refusal === undefined ? [] : [expect.objectContaining({ generation: 1, held: true })]);
        if (refusal === undefined) mail.acknowledged.delete(digest);
      }
      await holds.expectKept();
    },
    timeoutMs,
  );

  test('and all of it is whole', async () => expectVerified(cluster, mail.acknowledged.size), timeoutMs);
});
