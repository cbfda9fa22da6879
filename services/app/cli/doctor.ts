import { z } from 'zod';
import { systemClock } from '#kernel';
import type { Outcome, ProbeResult } from '#verification';
import type { Config } from '../config.ts';
import { type ExitCode, folderCommand } from './command.ts';
import { count, type Io } from './io.ts';

const marks: Readonly<Record<Outcome, string>> = {
  passed: 'ok  ',
  noted: 'note',
  failed: 'FAIL',
  undecided: '????',
  'not-applicable': '-   ',
};

export const doctorCommand = folderCommand<object>({
  name: 'doctor',
  summary: 'Attack canaries in the storage and examine servers and machine; exit code 1 on any failure',
  example: 'muniment doctor --json',
  // A bucket is examined before anything is kept in it.
  creates: true,
  schema: z.looseObject({}),
  configure: (program) => program,
  input: () => ({}),
  run: async (config, _input, io) => await exitCodeOf(await report(config, io)),
  /** What it says of the lock goes into the ledger: a fault that was mended is known to be mended at once. */
  async runOpen({ config, storageStanding }, _input, io) {
    const { lockExamination } = await import('#verification');
    const results = await report(config, io);
    const examination = lockExamination(results);
    if (examination !== undefined) await storageStanding.record(examination, 'cli');
    return await exitCodeOf(results);
  },
});

/** One line for each probe as it ends, then what follows from those that did not pass. */
async function report(config: Config, io: Io): Promise<readonly ProbeResult[]> {
  const [{ examine }, { probesOf }] = await Promise.all([import('#verification'), import('../doctor.ts')]);
  await using list = await probesOf(config, systemClock);
  const results: ProbeResult[] = [];
  for await (const result of examine(list.probes)) {
    results.push(result);
    io.result(result, `${marks[result.outcome]}  ${result.name}: ${result.what}`);
    io.progress({ what: 'Probed', done: results.length, total: list.probes.length });
    io.signal.throwIfAborted();
  }
  if (!io.json) io.result({}, followsFrom(results));
  io.result(...summaryOf(results));
  return results;
}

async function exitCodeOf(results: readonly ProbeResult[]): Promise<ExitCode> {
  const { isSound } = await import('#verification');
  return isSound(results) ? 0 : 1;
}

function summaryOf(results: readonly ProbeResult[]): [object, string] {
  const failed = results.filter(({ outcome }) => outcome === 'failed').length;
  const undecided = results.filter(({ outcome }) => outcome === 'undecided').length;
  const verdict =
    failed + undecided === 0 ? 'nothing failed' : `${count(failed)} failed, ${count(undecided)} undecided`;
  return [{ probes: results.length, failed, undecided }, `\n${count(results.length)} probes: ${verdict}`];
}

/** What follows, once where it follows from several. */
function followsFrom(results: readonly ProbeResult[]): string {
  const causes = new Map<string, ProbeResult[]>();
  for (const result of results) {
    if (result.consequence === '') continue;
    causes.set(result.consequence, [...(causes.get(result.consequence) ?? []), result]);
  }
  return [...causes].map(([consequence, some]) => `\n${some.map(named).join(', ')}\n  ${consequence}`).join('\n');
}

function named({ name, outcome, severity }: ProbeResult): string {
  return outcome === 'failed' ? `${name} (${severity})` : name;
}
