import { describe, expect, test } from '@jest/globals';
import { countJestReport } from '../../../scripts/jest-tally.ts';

function reportOf(...files: { status: string; tests: readonly string[] }[]): string {
  return JSON.stringify({
    testResults: files.map(({ status, tests }, file) => ({
      name: `/checkout/test/file-${file}.test.ts`,
      status,
      assertionResults: tests.map((outcome, index) => ({ status: outcome, fullName: `test ${index}` })),
    })),
  });
}

describe('the count at the end of a test run', () => {
  test('pending, todo and disabled tests count as skipped', () => {
    const tally = countJestReport(reportOf({ status: 'passed', tests: ['passed', 'pending', 'todo', 'disabled'] }));
    expect(tally).toMatchObject({ passed: 1, failed: 0, skipped: 3 });
    expect(tally.skippedNames).toEqual(['test 1', 'test 2', 'test 3']);
  });

  test('a file that does not load counts as one failure', () => {
    const tally = countJestReport(
      reportOf({ status: 'failed', tests: [] }, { status: 'passed', tests: ['passed', 'passed'] }),
    );
    expect(tally).toMatchObject({ passed: 2, failed: 1, skipped: 0 });
    expect(tally.failedNames).toEqual(['file-0.test.ts did not load, or a hook threw']);
  });

  test('a file whose hook failed after its tests passed counts as one failure', () => {
    expect(countJestReport(reportOf({ status: 'failed', tests: ['passed'] }))).toMatchObject({ passed: 1, failed: 1 });
  });

  test('a failed test counts once', () => {
    expect(countJestReport(reportOf({ status: 'failed', tests: ['failed', 'passed'] }))).toMatchObject({ failed: 1 });
  });
});
