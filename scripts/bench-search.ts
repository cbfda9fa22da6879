/**
 * `npm run bench:search -- DIR [--times N] [--elasticsearch] [--json]`: imports DIR into temporary archives through the
 * program itself, and asks questions of every kind. With `--times` the same with so many times the mail, the copies with
 * changed words; with `--elasticsearch` the same on a server of its own (`npm run services -- install elasticsearch`). The
 * index is asked alone; the last line is a question as people ask it, with its entry in the ledger.
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Deployment, openDeployment, readConfig } from '#app';
import type { SearchDocument } from '#search';
import { benchRun, machine, say } from './bench/bench-run.ts';
import { changedCopies } from './bench/changed-copies.ts';
import { corpusIn } from './bench/corpus.ts';
import { measured } from './bench/measured-process.ts';
import { queryKinds } from './bench/query-kinds.ts';
import { asked, type KindTimes } from './bench/asked.ts';
import { cleanEnvironment, program } from './program.ts';
import { startInTemporaryFolder } from './services/shared-servers.ts';

const documentsRead = 3000;
const usage = 'Usage: npm run bench:search -- DIR [--times N] [--elasticsearch] [--json]';

/** One archive that was asked. */
interface Asked {
  readonly engine: string;
  readonly messages: number;
  readonly importSeconds: number;
  readonly kinds: readonly KindTimes[];
}

interface Options {
  readonly folder: string;
  readonly times: number;
  readonly elasticsearch: boolean;
  readonly json: boolean;
}

function optionsOf(args: string[]): Options {
  const options = { times: { type: 'string' }, elasticsearch: { type: 'boolean' }, json: { type: 'boolean' } } as const;
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
  const [folder] = positionals;
  const times = Number(values.times ?? 1);
  if (folder === undefined || positionals.length > 1 || !(Number.isInteger(times) && times >= 1 && times <= 8))
    throw new Error(`${usage}; N is 1 to 8.`);
  return { folder: resolve(folder), times, elasticsearch: values.elasticsearch ?? false, json: values.json ?? false };
}

async function bench(
  { folder, times, elasticsearch }: Options,
  scratch: string,
  signal: AbortSignal,
): Promise<readonly Asked[]> {
  await using servers = new AsyncDisposableStack();
  const urls: (string | undefined)[] = [undefined];
  if (elasticsearch) {
    say('starting Elasticsearch');
    urls.push(servers.use(await startInTemporaryFolder('elasticsearch', ['-Xms1g', '-Xmx1g'])).url);
  }
  const folders = [folder];
  const results: Asked[] = [];
  for (const size of times === 1 ? [1] : [1, times]) {
    if (size > 1) {
      say(`writing ${size - 1} changed copies`);
      folders.push(...(await changedCopies(corpusIn(folder), size - 1, scratch)));
    }
    for (const url of urls)
      results.push(await askOf(folders, { url, archive: join(scratch, `${size}-${urls.indexOf(url)}`), signal }));
  }
  return results;
}

/** Undefined `url`: the embedded index. */
interface Place {
  readonly url: string | undefined;
  readonly archive: string;
  readonly signal: AbortSignal;
}

async function askOf(folders: readonly string[], { url, archive, signal }: Place): Promise<Asked> {
  const engine = url === undefined ? 'embedded' : 'Elasticsearch';
  const env = {
    ARCHIVE_URL: `file:${archive}`,
    ...(url !== undefined && { SEARCH_URL: `${url}/bench${folders.length}` }),
  };
  say(`${engine}: importing ${folders.length === 1 ? '' : `${folders.length} times `}the mail`);
  const words = [...program, 'import', ...folders, '--json'];
  const { seconds } = await measured(words, { signal, env: cleanEnvironment(env) });
  await using deployment = await openDeployment(readConfig(env), { create: false });
  await deployment.recorder.catchUp();
  say(`${engine}: asking`);
  const kinds = await asked(deployment, queryKinds(await someDocuments(deployment)), signal);
  return { engine, messages: deployment.catalog.messages.totals().messages, importSeconds: seconds, kinds };
}

/** Evenly spread over the archive. */
async function someDocuments({ catalog, index }: Deployment): Promise<readonly SearchDocument[]> {
  const every = Math.max(1, Math.floor(catalog.messages.totals().messages / documentsRead));
  const documents: SearchDocument[] = [];
  let at = 0;
  for (const { sequence } of catalog.messages.range()) {
    const indexed = at++ % every === 0 ? await index.document(sequence) : undefined;
    if (indexed !== undefined) documents.push(indexed.document);
  }
  return documents;
}

function textOf(results: readonly Asked[], { folder }: Options): string {
  const lines = [`${folder}, ${machine()}`];
  for (const { engine, messages, importSeconds, kinds } of results) {
    lines.push('', `${engine}, ${whole(messages)} messages (imported in ${importSeconds.toFixed(0)} s); milliseconds`);
    for (const { name, asks, queries, hits, p50Ms, p95Ms, p99Ms } of kinds) {
      const [least, most] = hits;
      const times = [p50Ms, p95Ms, p99Ms].map((ms) => ms.toFixed(1).padStart(8)).join('');
      lines.push(
        `  ${name.padEnd(20)} p50 p95 p99${times}   ${asks}, ${queries} queries, ${whole(least)} to ${whole(most)} hits`,
      );
    }
  }
  return lines.join('\n');
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

await benchRun(async (scratch, signal) => {
  const options = optionsOf(process.argv.slice(2));
  const results = await bench(options, scratch, signal);
  return options.json ? JSON.stringify({ machine: machine(), results }) : textOf(results, options);
});
