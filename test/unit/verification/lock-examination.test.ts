import { expect, test } from '@jest/globals';
import { lockExamination, type Outcome, type ProbeResult, type Severity } from '#verification';

function result(name: string, outcome: Outcome, severity: Severity = 'worm'): ProbeResult {
  return { name, about: 'storage', outcome, severity, tries: 'Try', what: `${outcome} here`, consequence: '' };
}

test('a run in which every probe of the lock passed, or was noted, is sound, whatever else failed', () => {
  const results = [
    result('delete-version', 'passed'),
    result('bypass-governance', 'noted'),
    result('switch-mode', 'not-applicable'),
    result('wrong-crc32', 'failed', 'fault'),
  ];
  expect(lockExamination(results)).toEqual({
    verdict: 'sound',
    probes: [
      { probe: 'delete-version', outcome: 'passed' },
      { probe: 'bypass-governance', outcome: 'noted' },
      { probe: 'switch-mode', outcome: 'not-applicable' },
    ],
    answers: ['passed here', 'noted here', 'not-applicable here'],
  });
});

test.each(['worm', 'refuse'] as const)('a failure of severity %s makes it unsound, whatever passed', (severity) => {
  const results = [result('delete-version', 'passed'), result('overwrite', 'failed', severity)];
  expect(lockExamination(results)?.verdict).toBe('unsound');
  expect(lockExamination([...results, result('copy-over', 'undecided')])?.verdict).toBe('unsound');
});

test('a run that could not try everything, or tried nothing, leaves it open', () => {
  const untried = [result('delete-version', 'passed'), result('overwrite', 'undecided')];
  expect(lockExamination(untried)?.verdict).toBe('undecided');
  expect(lockExamination([result('switch-mode', 'not-applicable')])?.verdict).toBe('undecided');
});

test('machine and servers say nothing of a lock', () => {
  const machine = { ...result('file-system', 'passed', 'refuse'), about: 'machine' } as const;
  const queue = { ...result('redis-eviction', 'failed', 'refuse'), about: 'queue' } as const;
  expect(lockExamination([machine, queue])).toBeUndefined();
  expect(lockExamination([queue, result('overwrite', 'passed')])?.verdict).toBe('sound');
});

test('a long answer of a server is cut', () => {
  const { answers } = lockExamination([{ ...result('overwrite', 'failed'), what: 'x'.repeat(100_000) }]) ?? {};
  expect(answers?.[0]?.length).toBe(300);
});
