import { expect, test } from '@jest/globals';
import { setTimeout } from 'node:timers/promises';
import { digestOf } from '#kernel';
import { Cluster } from '../cluster.ts';
import { expectWhole } from '../cluster-checks.ts';
import { ClusterMail, letterOf } from '../cluster-mail.ts';
import { Dovecot } from '../dovecot.ts';
import { endsInTime } from '../mended.ts';
import { describeProfile, onServers } from '../profiles.ts';
import { randomFrom } from '../random-moments.ts';
import { seeds } from '../soak.ts';

const kills = seeds(20, 200);
const seed = 24;
const lettersBetweenMax = 40;
const msMax = 300;
/** Elasticsearch takes many times as long to start as all else; a source waits half a minute for its next collector. */
const seldom: readonly string[] = ['elasticsearch', 'collector'];
/** Numbers of letters that come by IMAP. */
const firstByImap = 1_000_000;
const env = { CONNECT_ALLOW: '127.0.0.0/8', COLLECT_EVERY_SECONDS: '5' };

/** What is killed, in turn: in each round everything once, in an order of its own. */
function* victims(names: readonly string[], random: () => number): Generator<string> {
  for (let round = 0; ; round += 1) {
    const all = names.filter((name) => !seldom.includes(name) || round % 2 === 0);
    while (all.length > 0) yield all.splice(Math.floor(random() * all.length), 1)[0] ?? '';
  }
}

/** Has the collectors collect an account of which new letters are shown from time to time. */
async function accountOn(dovecot: Dovecot, { deployment }: ClusterMail): Promise<void> {
  const account = { host: '127.0.0.1', port: dovecot.port, user: 'ben', password: 'secret', tls: 'none' as const };
  await deployment.sources.addImap({ name: 'ben', custodian: 'ben', ...account }, 'cli');
}

describeProfile({ ...onServers, needs: [...onServers.needs, 'dovecot'] }, () => {
  test(
    `kill -9 of processes and servers at ${kills} seeded moments while mail comes in (invariants 1, 8, 23, 24)`,
    async () => {
      const random = randomFrom(seed);
      await using dovecot = await Dovecot.start();
      await using cluster = await Cluster.start({ env });
      await using mail = await ClusterMail.open(cluster, env);
      const byImap = Array.from({ length: kills }, (_, at) => letterOf(firstByImap + at));
      await accountOn(dovecot, mail);
      mail.begin();
      let killed = 0;
      for (const name of victims(cluster.names, random)) {
        await dovecot.deliver('ben', 'INBOX', byImap.slice(killed, killed + 1));
        await mail.more(1 + Math.floor(random() * lettersBetweenMax));
        await setTimeout(Math.floor(random() * msMax));
        await cluster.kill(name);
        killed += 1;
        if (killed === kills) break;
      }
      await cluster.whole();
      await endsInTime('mail on its way', mail.end());
      await expectWhole(cluster, [...mail.acknowledged, ...byImap.map((letter) => digestOf(letter))]);
      expect(cluster.unexpectedEnds).toEqual([]);
    },
    seeds(400_000, 7_200_000),
  );
});
