import { expect, test } from '@jest/globals';
import { Fault, FixedClock } from '#kernel';
import { examine, isSound, type ListedProbe, type ProbeResult, refusals } from '#verification';
import { watermarkReached } from '../../../services/verification/doctor/elasticsearch/disk-watermark.ts';
import { clockDrift } from '../../../services/verification/doctor/machine/clock-drift.ts';
import { judgeFileSystem } from '../../../services/verification/doctor/machine/file-system.ts';
import { judgeRoom } from '../../../services/verification/doctor/machine/free-disk.ts';
import { nodeVersion } from '../../../services/verification/doctor/machine/node-version.ts';
import { isAtLeast } from '../../../services/verification/doctor/version-text.ts';

const GIGABYTE = 1e9;

function probe(name: string, run: ListedProbe['run']): ListedProbe {
  return { name, run, about: 'storage', tries: 'Try', severity: 'refuse', consequence: 'Mend it.' };
}

async function resultsOf(...probes: readonly ListedProbe[]): Promise<readonly ProbeResult[]> {
  const results: ProbeResult[] = [];
  for await (const result of examine(probes)) results.push(result);
  return results;
}

test('each result comes before the next probe runs', async () => {
  const ran: string[] = [];
  const run = (name: string) => async () => {
    ran.push(name);
    return { outcome: 'passed', what: 'well' } as const;
  };
  const results = examine([probe('first', run('first')), probe('second', run('second'))]);
  expect((await results.next()).value).toMatchObject({ name: 'first', outcome: 'passed', consequence: '' });
  expect(ran).toEqual(['first']);
  await results.return(undefined);
});

test('what fails names its consequence; what cannot be tried names its remedy, and is no failure', async () => {
  const results = await resultsOf(
    probe('failing', async () => ({ outcome: 'failed', what: 'it broke' })),
    probe('away', async () => {
      throw new Fault('unavailable', 'nobody answers', { remedy: 'Wait.' });
    }),
  );
  expect(results).toMatchObject([
    { outcome: 'failed', consequence: 'Mend it.' },
    { outcome: 'undecided', what: 'it could not be tried: nobody answers', consequence: 'Wait.' },
  ]);
  expect(refusals(results).map(({ name }) => name)).toEqual(['failing']);
  expect(isSound(results.slice(0, 1))).toBe(false);
  expect(isSound(results.slice(1))).toBe(false);
});

test.each([
  [0, 'passed'],
  [60_000, 'passed'],
  [60_001, 'failed'],
  [-61_001, 'failed'],
  // The other clock shows whole seconds: it may be a second further on than it says.
  [-60_900, 'passed'],
])('a clock that is %d ms ahead: %s', async (ahead, outcome) => {
  const clock = new FixedClock(1_000_000_000_000);
  const drift = clockDrift('somebody', async () => clock.now() + ahead, clock);
  expect(await drift.run()).toMatchObject({ outcome });
});

test.each([
  ['7.0.15', '6.2.0', true],
  ['6.0.16', '6.2.0', false],
  ['6.2', '6.2.0', true],
  ['10.0.1', '9.4.3', true],
  ['9.4.3-SNAPSHOT', '9.4.3', true],
])('%s is at least %s: %s', (version, oldest, expected) => {
  expect(isAtLeast(version, oldest)).toBe(expected);
});

test('an older Node fails', async () => {
  expect(await nodeVersion('22.11.0').run()).toMatchObject({ outcome: 'failed' });
  expect(await nodeVersion('24.0.0').run()).toMatchObject({ outcome: 'passed' });
});

test.each([
  [0.9, 1_000, 'failed'],
  [50, 1_000, 'noted'],
  [500, 1_000, 'passed'],
])('%d GB of %d left: %s', (free, total, outcome) => {
  const disk = { freeBytes: free * GIGABYTE, totalBytes: total * GIGABYTE };
  expect(judgeRoom(disk)).toMatchObject({ outcome });
});

test.each([
  [0xef53, 'passed'],
  [0x58465342, 'passed'],
  [0x01021994, 'noted'],
  [0x794c7630, 'noted'],
  [0x6969, 'noted'],
])('file system 0x%s: %s', (type, outcome) => {
  expect(judgeFileSystem(type)).toMatchObject({ outcome });
});

const prefix = 'cluster.routing.allocation.disk.watermark';
const defaults = { low: '85%', high: '90%', flood_stage: '95%', 'low.max_headroom': '200gb' };

test.each([
  [20, 100, defaults, undefined],
  [12, 100, defaults, 'low'],
  [8, 100, defaults, 'high'],
  [4, 100, defaults, 'flood_stage'],
  // 220 GB are less than 15 % of 10 TB, and more than the room that is enough.
  [220, 10_000, { ...defaults, high: '99%', flood_stage: '99%' }, undefined],
  [12, 100, { low: '0.85', high: '0.9', flood_stage: '0.95' }, 'low'],
  [12, 100, { low: '20gb', high: '10gb', flood_stage: '1gb' }, 'low'],
] as const)('%d GB of %d left with %j: above %s', (free, total, marks, expected) => {
  const settings = new Map(Object.entries(marks).map(([name, value]) => [`${prefix}.${name}`, value]));
  const disk = { node: 'one', freeBytes: free * 2 ** 30, totalBytes: total * 2 ** 30 };
  expect(watermarkReached(disk, settings)).toBe(expected);
  settings.set('cluster.routing.allocation.disk.threshold_enabled', 'false');
  expect(watermarkReached(disk, settings)).toBeUndefined();
});
