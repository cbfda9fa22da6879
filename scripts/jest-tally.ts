import { z } from 'zod';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly skippedNames: readonly string[];
}

export const emptyTally: Tally = { passed: 0, failed: 0, skipped: 0, skippedNames: [] };

/** What is read of the report that `jest --json` writes. */
const jestReport = z.object({
  testResults: z.array(
    z.object({
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
  };
}

/**
 * Counts tests. Pending, todo and disabled ones are skipped. A file that failed without a failed test (it did not load,
 * or a hook threw) counts as one failed test.
 */
export function countJestReport(json: string): Tally {
  const tallies = jestReport.parse(JSON.parse(json)).testResults.map(({ status, assertionResults }): Tally => {
    const passed = assertionResults.filter((test) => test.status === 'passed').length;
    const failed = assertionResults.filter((test) => test.status === 'failed').length;
    const others = assertionResults.filter((test) => test.status !== 'passed' && test.status !== 'failed');
    return {
      passed,
      failed: failed === 0 && status === 'failed' ? 1 : failed,
      skipped: others.length,
      skippedNames: others.map((test) => test.fullName),
    };
  });
  return tallies.reduce(addTallies, emptyTally);
}
