import Sequencer from '@jest/test-sequencer';

/** Suites that take the longest on two processors, in this order: begun late, one of them would run while the other processor waits. */
const longest = [
  'fault/kill.test.ts',
  'flow/profiles.test.ts',
  'fault/cluster',
  'contract/elasticsearch-index.test.ts',
  'fault/damage.test.ts',
  'fault/bad-input.test.ts',
  'fault/elasticsearch-index.test.ts',
  'flow/legal-case.test.ts',
  'flow/many-processes.test.ts',
  'flow/imap-collect.test.ts',
  'fault/doctor-s3.test.ts',
  'flow/same-answers.test.ts',
  'fault/preservation-interleavings.test.ts',
  'flow/worm.test.ts',
  'contract/s3-ledger-store.test.ts',
  'fault/bullmq-queue.test.ts',
  'fault/in-use.test.ts',
  'fault/server-orphans.test.ts',
  'flow/serve',
];

/** Begins with the longest, then as Jest would: in a new clone it knows nothing of how long a suite took. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).toSorted((a, b) => rank(a.path) - rank(b.path));
  }
}

function rank(path) {
  const at = longest.findIndex((name) => path.includes(`/test/${name}`));
  return at < 0 ? longest.length : at;
}
