/** `npm run check`: types, lint, format, lock file. Each is one line; what a failed one said follows it. */
import { spawnSync } from 'node:child_process';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = `${root}node_modules/.bin`;

const checks: readonly { readonly name: string; readonly command: readonly [string, ...string[]] }[] = [
  { name: 'types', command: [`${bin}/tsc`, '--noEmit'] },
  { name: 'lint', command: [`${bin}/oxlint`, '--type-aware', '--quiet', 'services', 'test', 'scripts'] },
  { name: 'format', command: [`${bin}/prettier`, '--check', '--log-level', 'warn', '.'] },
  { name: 'lock file', command: [process.execPath, `${root}scripts/mend-lock.js`, '--check'] },
];

export interface CheckOutcome {
  readonly name: string;
  readonly passed: boolean;
}

/** Runs all checks, printing as it goes; never stops at the first that fails. */
export function runChecks(): readonly CheckOutcome[] {
  // The tools start by `env node`: that has to be the Node that runs this.
  const env = { ...process.env, PATH: [bin, process.env['PATH']].join(delimiter) };
  return checks.map(({ name, command: [file, ...args] }) => {
    const done = spawnSync(file, args, { cwd: root, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    const passed = done.status === 0;
    console.log(`${passed ? 'passed' : 'FAILED'}  check: ${name}`);
    if (!passed) console.log(done.error?.message ?? `${done.stdout}${done.stderr}`.trimEnd());
    return { name, passed };
  });
}

if (import.meta.main) {
  const failed = runChecks().filter((outcome) => !outcome.passed);
  if (failed.length > 0) {
    console.log(`Failed: ${failed.map((outcome) => outcome.name).join(', ')}. \`npm run format\` mends the format.`);
    process.exitCode = 1;
  }
}
