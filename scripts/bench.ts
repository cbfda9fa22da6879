/**
 * `npm run bench -- DIR [--runs N] [--sample N] [--json]`: imports DIR into temporary archives through the program itself
 * and says how fast, how large and how well searched; beside it `mu` and `notmuch`, where installed, on the same messages
 * in turn. DIR is only read. Everything is read once beforehand, so that nobody pays for the medium.
 */
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Deployment, openDeployment, readConfig } from '#app';
import { benchRun, machine, say } from './bench/bench-run.ts';
import { contenders, importRun, type ImportRun } from './bench/contenders.ts';
import { asMaildir, type Corpus, corpusIn, readingCost, sizeOf, warm } from './bench/corpus.ts';
import { type Comparison, jsonOf, type Report, textOf } from './bench/report.ts';
import { searchesOf } from './bench/searches.ts';
import { type Stage, stagesOf } from './bench/stages.ts';

const filesReadMax = 5000;

interface Options {
  readonly folder: string;
  readonly runs: number;
  readonly sample: number;
  readonly json: boolean;
}

function optionsOf(argv: string[]): Options {
  const options = { runs: { type: 'string' }, sample: { type: 'string' }, json: { type: 'boolean' } } as const;
  const { values, positionals } = parseArgs({ args: argv, allowPositionals: true, options });
  const [folder] = positionals;
  if (folder === undefined || positionals.length > 1)
    throw new Error('Usage: npm run bench -- DIR [--runs N] [--sample N] [--json]');
  const [runs, sample] = [Number(values.runs ?? 1), Number(values.sample ?? 5000)];
  if (!(runs >= 1 && sample >= 1)) throw new Error('--runs and --sample are numbers from 1.');
  return { folder: resolve(folder), runs, sample, json: values.json ?? false };
}

async function bench(options: Options, scratch: string, signal: AbortSignal): Promise<Report> {
  const corpus = corpusIn(options.folder);
  say(`reading ${corpus.files.length} files once`);
  warm(corpus);
  const { imports, comparisons, notCompared } = await rounds(corpus, options, scratch, signal);
  const archive = join(scratch, 'archive');
  const sizes = {
    archive: sizeOf(join(archive, 'archive')),
    ledger: sizeOf(join(archive, 'ledger')),
    derived: sizeOf(join(archive, 'derived')),
  };
  await using deployment = await openDeployment(readConfig({ ARCHIVE_URL: `file:${archive}` }), { create: false });
  const sample = await sampleOf(deployment, options.sample);
  say('searching');
  const searches = await searchesOf(sample, deployment);
  say('measuring the stages');
  const stages = [readStage(corpus, imports), ...(await stagesOf(sample, join(scratch, 'stages')))];
  const command = `npm run bench -- ${options.folder} --runs ${options.runs} --sample ${options.sample}`;
  const measured = { imports, sizes, sampleMessages: sample.length, stages, searches, comparisons, notCompared };
  return { command, machine: machine(), corpus: { files: corpus.files.length, bytes: corpus.bytes }, ...measured };
}

interface Rounds {
  readonly imports: readonly ImportRun[];
  readonly comparisons: readonly Comparison[];
  readonly notCompared: readonly string[];
}

/** Ours and theirs in turn, so that a machine that is slower for a while is slower for all. Leaves the last archive. */
async function rounds(corpus: Corpus, options: Options, scratch: string, signal: AbortSignal): Promise<Rounds> {
  const { present, absent } = contenders();
  const maildir = join(scratch, 'maildir');
  const { problem } = present.length === 0 ? { problem: undefined } : await asMaildir(corpus, maildir);
  const rivals = problem === undefined ? present : [];
  const imports: ImportRun[] = [];
  const seconds = new Map<string, number[]>(rivals.map(({ name }) => [name, []]));
  for (let round = 1; round <= options.runs; round++) {
    const archive = join(scratch, 'archive');
    await rm(archive, { recursive: true, force: true });
    say(`round ${round} of ${options.runs}: muniment`);
    imports.push(await importRun(corpus.folder, archive, signal));
    for (const rival of rivals) {
      say(`round ${round} of ${options.runs}: ${rival.name}`);
      seconds.get(rival.name)?.push((await rival.run(maildir, scratch, signal)).seconds);
    }
  }
  const comparisons = rivals.map(({ name, version }) => {
    const all = seconds.get(name) ?? [];
    return { name, version, seconds: all, ratios: all.map((one, at) => one / (imports[at]?.seconds ?? one)) };
  });
  const notCompared = absent.map((name) => `${name}: not installed`);
  if (problem !== undefined) notCompared.push(...present.map(({ name }) => `${name}: not compared, ${problem}`));
  return { imports, comparisons, notCompared };
}

/** Messages of the archive, evenly spread over it, as they were received. Large ones that are kept in files are left out. */
async function sampleOf({ catalog, archive }: Deployment, messagesMax: number): Promise<readonly Buffer[]> {
  const every = Math.max(1, Math.floor(catalog.messages.totals().messages / messagesMax));
  const sample: Buffer[] = [];
  let at = 0;
  for (const message of catalog.messages.range()) {
    if (at++ % every === 0 && message.size < sampledBytesMax) sample.push(await archive.read(message));
  }
  return sample;
}

const sampledBytesMax = 16 * 1024 * 1024;

/** Reading is measured on the files, for messages of the average size: a file may hold many. */
function readStage(corpus: Corpus, imports: readonly ImportRun[]): Stage {
  const found = imports[0]?.found ?? 1;
  const { cpuUs, bytes } = readingCost(corpus, filesReadMax);
  const perMessage = (cpuUs / Math.max(1, bytes)) * (corpus.bytes / found);
  return { name: 'read', cpuUs: perMessage, elapsedUs: perMessage };
}

await benchRun(async (scratch, signal) => {
  const options = optionsOf(process.argv.slice(2));
  const report = await bench(options, scratch, signal);
  return options.json ? JSON.stringify(jsonOf(report)) : textOf(report);
});
