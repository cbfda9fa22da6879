import { basename } from 'node:path';
import { z } from 'zod';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly skippedNames: readonly string[];
  readonly failedNames: readonly string[];
}

export const emptyTally: Tally = { passed: 0, failed: 0, skipped: 0, skippedNames: [], failedNames: [] };

/** What is read of the report that `jest --json` writes. */
const jestReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })),
    }),
  ),
});

export function addTallies(a: Tally, b: Tally): Tally {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    skippedNames: [...a.skippedNames, ...b.skippedNames],
    failedNames: [...a.failedNames, ...b.failedNames],
  };
}

/**
 * Counts tests. Pending, todo and disabled ones are skipped. A file that failed without a failed test (it did not load,
 * or a hook threw) counts as one failed test.
 */
export function countJestReport(json: string): Tally {
  return jestReport.parse(JSON.parse(json)).testResults.map(tallyOfFile).reduce(addTallies, emptyTally);
}

function tallyOfFile({ name, status, assertionResults }: z.infer<typeof jestReport>['testResults'][number]): Tally {
  const passed = assertionResults.filter((test) => test.status === 'passed');
  const failed = assertionResults.filter((test) => test.status === 'failed');
  const others = assertionResults.filter((test) => test.status !== 'passed' && test.status !== 'failed');
  const failedNames = failed.map((test) => `${test.fullName} (${basename(name)})`);
  if (failed.length === 0 && status === 'failed') failedNames.push(`${basename(name)} did not load, or a hook threw`);
  return {
    passed: passed.length,
    failed: failedNames.length,
    skipped: others.length,
    skippedNames: others.map((test) => test.fullName),
    failedNames,
  };
}
