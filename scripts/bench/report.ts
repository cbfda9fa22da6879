import type { ImportRun } from './contenders.ts';
import type { SearchClass } from './searches.ts';
import type { Stage } from './stages.ts';
import { median } from './statistics.ts';

/** Everything that one call of the benchmark found out. */
export interface Report {
  readonly command: string;
  readonly machine: string;
  readonly corpus: { readonly files: number; readonly bytes: number };
  readonly imports: readonly ImportRun[];
  readonly sizes: { readonly archive: number; readonly ledger: number; readonly derived: number };
  readonly sampleMessages: number;
  readonly stages: readonly Stage[];
  readonly searches: readonly SearchClass[];
  readonly comparisons: readonly Comparison[];
  /** Programs that were not compared with, and why. */
  readonly notCompared: readonly string[];
}

/** Another program's runs, in the order of ours. */
export interface Comparison {
  readonly name: string;
  readonly version: string;
  readonly seconds: readonly number[];
  /** Its time divided by ours, of the same round. */
  readonly ratios: readonly number[];
}

/** The same as JSON, with what follows from it. */
export function jsonOf(report: Report): object {
  const comparisons = report.comparisons.map((one) => ({ ...one, medianRatio: median(one.ratios) }));
  return { ...report, comparisons, summary: summaryOf(report) };
}

export function textOf(report: Report): string {
  const { imports, corpus, sizes, stages, searches, comparisons, notCompared, command, machine } = report;
  const { seconds, messagesPerSecond, megabytesPerSecond, peakBytes, cpuUs } = summaryOf(report);
  const first = imports[0];
  const lines = [
    command,
    machine,
    `corpus        ${whole(corpus.files)} files, ${megabytes(corpus.bytes)}: ${whole(first?.found ?? 0)} messages, ${whole(first?.captured ?? 0)} distinct`,
    '',
    `Import, end to end and durable: archive, ledger, catalog and index (median of ${imports.length})`,
    `  ${seconds.toFixed(1)} s   ${whole(messagesPerSecond)} messages/s   ${megabytesPerSecond.toFixed(1)} MB/s   each run: ${imports.map((run) => `${run.seconds.toFixed(1)} s`).join(', ')}`,
    `  processor ${known(cpuUs, (us) => `${whole(us)} µs a message`)}   peak resident memory ${known(peakBytes, megabytes)} (main process)`,
    `  archive ${megabytes(sizes.archive)}   ledger ${megabytes(sizes.ledger)}   derived ${megabytes(sizes.derived)}`,
    '',
    `Stages, one after the other in one process, on ${whole(report.sampleMessages)} of these messages (not within the import)`,
    ...stages.map(
      ({ name, cpuUs: cpu, elapsedUs }) =>
        `  ${name.padEnd(14)} ${cpu.toFixed(1).padStart(8)} µs processor time a message ${elapsedUs.toFixed(1).padStart(8)} µs elapsed`,
    ),
    '',
    'Searches in process, 20 hits and the exact total, with the audit entry',
    ...searches.map(searchLine),
  ];
  if (comparisons.length + notCompared.length > 0)
    lines.push('', 'Beside it, the same messages as a Maildir (only indexed, nothing archived or signed)');
  for (const { name, version, seconds: all, ratios } of comparisons) {
    lines.push(
      `  ${name.padEnd(9)} ${median(all).toFixed(1)} s, ${median(ratios).toFixed(1)} times ours (each round: ${ratios.map((ratio) => ratio.toFixed(1)).join(', ')})   ${version}`,
    );
  }
  lines.push(...notCompared.map((why) => `  ${why}`));
  return lines.join('\n');
}

function searchLine({ name, queries, example, hits: [least, most], p50Ms, p95Ms }: SearchClass): string {
  const range = least === most ? whole(least) : `${whole(least)}-${whole(most)}`;
  const times = `p50 ${p50Ms.toFixed(1)} ms   p95 ${p95Ms.toFixed(1)} ms`;
  return `  ${name.padEnd(12)} ${times}   ${queries} queries, ${range} hits, e.g. ${example}`;
}

function summaryOf({ imports, corpus }: Report) {
  const seconds = median(imports.map((run) => run.seconds));
  const found = imports[0]?.found ?? 0;
  const cpu = imports.flatMap(({ cpuSeconds }) => cpuSeconds ?? []);
  const peaks = imports.flatMap(({ peakBytes }) => peakBytes ?? []);
  return {
    seconds,
    messagesPerSecond: found / seconds,
    megabytesPerSecond: corpus.bytes / 1e6 / seconds,
    peakBytes: peaks.length === 0 ? undefined : Math.max(...peaks),
    cpuUs: cpu.length === 0 ? undefined : (median(cpu) * 1e6) / found,
  };
}

function known(value: number | undefined, text: (value: number) => string): string {
  return value === undefined ? 'not measured on this system' : text(value);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
