/**
 * `npm test [-- PATTERN…]` and `npm run test:soak`: prints which variants run and which cannot, runs the checks and then
 * Jest, and keeps the real servers that the tests share. With patterns only the test files whose path matches one run, without the checks. The last line is always
 * `N passed, N failed, N skipped`; the exit code is 1 when anything failed or nothing ran.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isOptional, isRequired, variant, variantNames, variants } from '../test/variants.ts';
import { runChecks } from './check.ts';
import { addTallies, countJestReport, emptyTally, type Tally } from './jest-tally.ts';
import { compileCache } from '../test/compile-cache.ts';
import { SharedServers, sharedServersVariable } from './services/shared-servers.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** How long Jest may take to end after its last test before whatever a test left running is cut off. */
const lingerSecondsMax = 20;

const args = process.argv.slice(2);
const soak = args.includes('--soak');
const jestArgs = args.filter((argument) => argument !== '--soak');

function printVariants(): Tally {
  const unmet: string[] = [];
  for (const name of variantNames) {
    const answer = variant(name);
    const missing = answer.available ? '' : `: cannot run, ${answer.reason}`;
    console.log(`variant ${name} (${variants[name].what}${isOptional(name) ? ', optional' : ''})${missing}`);
    if (!answer.available && isRequired(name)) unmet.push(name);
  }
  for (const name of unmet) console.log(`FAILED  variant ${name} is required and cannot run`);
  return { ...emptyTally, failed: unmet.length };
}

function tallyChecks(): Tally {
  const outcomes = runChecks();
  const passed = outcomes.filter((outcome) => outcome.passed).length;
  return { ...emptyTally, passed, failed: outcomes.length - passed };
}

/** Jest writes its report when the last test has ended; it should end by itself soon after. */
async function endOf(jest: ReturnType<typeof spawn>, report: string): Promise<Tally> {
  let reportedSeconds = 0;
  const watch = setInterval(() => {
    if (!existsSync(report)) return;
    reportedSeconds += 1;
    if (reportedSeconds === lingerSecondsMax) jest.kill('SIGKILL');
  }, 1_000);
  await once(jest, 'exit');
  clearInterval(watch);
  if (reportedSeconds < lingerSecondsMax) return emptyTally;
  console.log('FAILED  a test left something running: Jest did not end (npm test -- --detectOpenHandles FILE)');
  return { ...emptyTally, failed: 1 };
}

async function runJest(): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'muniment-test-'));
  const report = join(folder, 'report.json');
  try {
    const jest = spawn(
      process.execPath,
      [
        '--experimental-vm-modules',
        join(root, 'node_modules/jest/bin/jest.js'),
        // One more than there are processors: suites wait for servers and timers about half of their time.
        `--maxWorkers=${availableParallelism() + 1}`,
        '--ci',
        '--json',
        `--outputFile=${report}`,
        ...(soak ? ['--testTimeout=7200000'] : []),
        ...jestArgs,
      ],
      {
        cwd: root,
        // The report goes to the file; what Jest says to people comes on stderr.
        stdio: ['ignore', 'ignore', 'inherit'],
        env: {
          ...process.env,
          // For the threads that tests start; the programs that they start share it.
          NODE_COMPILE_CACHE: compileCache,
          NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --disable-warning=ExperimentalWarning`.trim(),
          ...(soak && { MUNIMENT_SOAK: '1' }),
        },
      },
    );
    const ended = await endOf(jest, report);
    if (existsSync(report)) return addTallies(countJestReport(readFileSync(report, 'utf8')), ended);
    console.log('FAILED  Jest ended without a report');
    return { ...emptyTally, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// Started when a test first asks, stopped with this process.
await using servers = await SharedServers.listen();
process.env[sharedServersVariable] = servers.url;
const partial = jestArgs.length > 0;
const before = partial ? emptyTally : addTallies(printVariants(), tallyChecks());
const tests = await runJest();
for (const name of tests.skippedNames) console.log(`skipped ${name}`);
for (const name of tests.failedNames) console.log(`FAILED  ${name}`);
const { passed, failed, skipped } = addTallies(before, tests);
if (tests.passed + tests.failed === 0) console.log('No test ran.');
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 || tests.passed + tests.failed === 0 ? 1 : 0;
