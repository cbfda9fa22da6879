/**
 * `node test/bench/distributed.ts DIR [--workers 1,2,4] [--single N] [--counted N] [--json]`: imports DIR into archives on a
 * real S3 server, Elasticsearch and Redis, started here, with one process per role; beside it the same in one process
 * without servers. Says messages a second, processor time by process, what a message takes in Redis, in S3 requests and in
 * Elasticsearch, and how long after its import a message is found. `--single`: messages of which that is measured.
 * `--counted`: messages whose S3 requests are counted, through a proxy, and so apart from all else.
 */
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { mkdtempSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { machine, say } from '../../scripts/bench/bench-run.ts';
import { importRun } from '../../scripts/bench/contenders.ts';
import { corpusIn, warm } from '../../scripts/bench/corpus.ts';
import { percentile } from '../../scripts/bench/statistics.ts';
import { SharedServers, sharedServersVariable, startInTemporaryFolder } from '../../scripts/services/shared-servers.ts';
import { countedRequests } from './distributed/counted-requests.ts';
import { textBytesOf } from './distributed/text-bytes.ts';
import { measureProcesses, type ProcessesRun } from './distributed/processes-run.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    workers: { type: 'string', default: '1,2,4' },
    single: { type: 'string', default: '100' },
    counted: { type: 'string', default: '1000' },
    json: { type: 'boolean', default: false },
  },
});
const [given] = positionals;
if (given === undefined) throw new Error('Which folder of mail? node test/bench/distributed.ts DIR');
const folder = resolve(given);

const scratch = mkdtempSync(join(tmpdir(), 'muniment-bench-'));
try {
  await using redis = await startInTemporaryFolder('redis');
  await using s3 = await startInTemporaryFolder('s3');
  await using elasticsearch = await startInTemporaryFolder('elasticsearch', ['-Xms1g', '-Xmx1g']);
  const servers = { redis, s3, elasticsearch };
  process.env['TEST_REDIS_URL'] = redis.url;
  process.env['TEST_S3_URL'] = s3.url;
  process.env['TEST_ELASTICSEARCH_URL'] = elasticsearch.url;
  await using door = await SharedServers.listen();
  process.env[sharedServersVariable] = door.url;

  const all = corpusIn(folder);
  warm(all);
  say('in one process');
  const archive = join(scratch, 'archive');
  const embedded = await importRun(folder, archive, AbortSignal.timeout(3_600_000));
  const textBytes = await textBytesOf(archive);
  const runs: ProcessesRun[] = [];
  for (const workers of values.workers.split(',').map(Number)) {
    say(`${workers} workers`);
    runs.push(await measureProcesses(folder, { workers, servers, singles: Number(values.single) }));
  }
  say('counting requests to S3');
  const requests = await countedRequests(folder, s3.url, Number(values.counted));
  const report = { machine: machine(), corpus: { folder, bytes: all.bytes, textBytes }, embedded, runs, requests };
  console.log(values.json ? JSON.stringify(report) : textOf(report));
} finally {
  await rm(scratch, { recursive: true, force: true });
}

interface Report {
  readonly machine: string;
  readonly corpus: { readonly folder: string; readonly bytes: number; readonly textBytes: number };
  readonly embedded: Awaited<ReturnType<typeof importRun>>;
  readonly runs: readonly ProcessesRun[];
  readonly requests: Awaited<ReturnType<typeof countedRequests>>;
}

function textOf({ machine: on, corpus, embedded, runs, requests }: Report): string {
  const rate = (run: { readonly found: number; readonly seconds: number }) => Math.round(run.found / run.seconds);
  const perMessage = (cpuSeconds: number | undefined) =>
    cpuSeconds === undefined ? '?' : ((cpuSeconds * 1e6) / embedded.found).toFixed(0);
  const lines = [
    on,
    `${corpus.folder}: ${embedded.found} messages, ${embedded.captured} distinct, ${corpus.textBytes} bytes of text`,
    `one process   ${rate(embedded)} messages/s, ${perMessage(embedded.cpuSeconds)} µs processor time a message`,
  ];
  for (const run of runs) {
    lines.push(
      '',
      `${run.workers} workers     ${rate(run)} messages/s (${(rate(run) / rate(embedded)).toFixed(2)} of one process), all findable ${run.findableAfterSeconds.toFixed(1)} s later`,
      ...run.processes.map(
        ({ name, cpuSeconds, peakBytes }) =>
          `  ${name.padEnd(14)} ${perMessage(cpuSeconds).padStart(6)} µs processor time a message, peak ${Math.round((peakBytes ?? 0) / 1e6)} MB`,
      ),
      `  Redis ${run.redisBytesPerQueued.toFixed(0)} bytes per queued message (${run.queuedMost} at most; the messages themselves have ${(corpus.bytes / embedded.found).toFixed(0)} on average)`,
      `  Elasticsearch ${(run.indexBytes / corpus.textBytes).toFixed(2)} bytes per byte of text (${run.indexBytes} bytes)`,
      `  from import to findable, one at a time: p50 ${percentile(run.findableMs, 50).toFixed(0)} ms, p95 ${percentile(run.findableMs, 95).toFixed(0)} ms of ${run.findableMs.length}`,
    );
  }
  lines.push('', `S3 requests per distinct message, of ${requests.messages}:`);
  for (const [kind, count] of requests.kinds)
    lines.push(`  ${kind.padEnd(24)} ${(count / requests.messages).toFixed(3)}`);
  return lines.join('\n');
}
