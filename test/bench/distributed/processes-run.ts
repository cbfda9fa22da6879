import { writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { stopwatch } from '#kernel';
import { usageOf } from '../../../scripts/bench/measured-process.ts';
import type { Muniment } from '../../muniment.ts';
import { onServers, placeArchive } from '../../placed-archive.ts';
import { ServedProgram } from '../../served-program.ts';

interface Server {
  readonly url: string;
  readonly pid: number;
}

export interface ProcessesRun {
  readonly workers: number;
  readonly found: number;
  /** Until all was archived and recorded. */
  readonly seconds: number;
  /** From then until all of it could be found. */
  readonly findableAfterSeconds: number;
  /** Between the start of the import and all of it being findable. */
  readonly processes: readonly {
    readonly name: string;
    readonly cpuSeconds: number;
    readonly peakBytes: number | undefined;
  }[];
  readonly queuedMost: number;
  /** What Redis had more in memory than before, per message that waited or was worked on, when they were most. */
  readonly redisBytesPerQueued: number;
  /** Primary store of the index, after a flush. */
  readonly indexBytes: number;
  /** For single messages: from the import's answer until a search over HTTP found them. */
  readonly findableMs: readonly number[];
}

export interface ProcessesOptions {
  readonly workers: number;
  readonly servers: Readonly<Record<'redis' | 's3' | 'elasticsearch', Server>>;
  readonly singles: number;
}

/** One archive on the servers, with a process for each role. The import runs in the API's process and leaves the work to the workers. */
export async function measureProcesses(folder: string, options: ProcessesOptions): Promise<ProcessesRun> {
  const { servers, workers } = options;
  await using placed = await placeArchive(onServers);
  const started = new Map<string, ServedProgram>();
  const start = async (name: string, role: string) => {
    const served = await ServedProgram.start(await placed.process(name), role);
    started.set(name, served);
    return served;
  };
  const api = await start('api', 'api');
  await start('committer', 'committer');
  for (let worker = 1; worker <= workers; worker++) await start(`worker-${worker}`, 'worker');
  const program = await placed.process('api');
  const search = searcher(api.url, api.token ?? '');
  const pids = new Map<string, number>([
    ...[...started].map(([name, { running }]) => [name, running.process.pid ?? 0] as const),
    ...Object.entries(servers).map(([name, { pid }]) => [name, pid] as const),
  ]);
  const before = cpuOf(pids);
  await using watch = await QueueWatch.begin(servers.redis.url);
  const elapsed = stopwatch();
  const { found, captured } = await imported(program, folder);
  const seconds = elapsed() / 1000;
  watch.end();
  await until(async () => (await search('*')) === captured);
  const findableAfterSeconds = elapsed() / 1000 - seconds;
  const processes = [...pids].map(([name, pid]) => ({
    name,
    cpuSeconds: (usageOf(pid)?.cpuSeconds ?? 0) - (before.get(name) ?? 0),
    peakBytes: usageOf(pid)?.peakBytes,
  }));
  const indexBytes = await storeBytes(placed.indexUrl ?? '');
  const findableMs = await findableAfter(program, search, options.singles);
  for (const { running } of started.values()) running.kill('SIGTERM');
  for (const { running } of started.values()) await running.ended();
  return {
    workers,
    found,
    seconds,
    findableAfterSeconds,
    processes,
    queuedMost: watch.most,
    redisBytesPerQueued: watch.bytesPerQueued,
    indexBytes,
    findableMs,
  };
}

async function imported(program: Muniment, folder: string) {
  const sum = (await program.ok('import', folder)).json.at(-1) ?? {};
  if (sum['failed'] !== 0) throw new Error(`The import failed: ${JSON.stringify(sum)}`);
  return { found: Number(sum['found']), captured: Number(sum['captured']) };
}

function cpuOf(pids: ReadonlyMap<string, number>): Map<string, number> {
  return new Map([...pids].map(([name, pid]) => [name, usageOf(pid)?.cpuSeconds ?? 0]));
}

/** How many messages a query finds now; -1 while the answer is not complete. */
function searcher(url: string, token: string): (query: string) => Promise<number> {
  return async (query) => {
    const response = await fetch(`${url}/api/v1/search?limit=1&q=${encodeURIComponent(query)}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { complete, total } = (await response.json()) as { complete?: boolean; total?: number };
    return complete === true ? (total ?? -1) : -1;
  };
}

async function until(condition: () => Promise<boolean>, pauseMs = 100): Promise<void> {
  while (!(await condition())) await setTimeout(pauseMs);
}

async function storeBytes(indexUrl: string): Promise<number> {
  await fetch(`${indexUrl}-*/_flush`, { method: 'POST' });
  const response = await fetch(`${indexUrl}-*/_stats/store`);
  const stats = (await response.json()) as { _all: { primaries: { store: { size_in_bytes: number } } } };
  return stats._all.primaries.store.size_in_bytes;
}

/** Messages one after the other, each with a word of its own. */
async function findableAfter(
  program: Muniment,
  search: (query: string) => Promise<number>,
  count: number,
): Promise<number[]> {
  const times: number[] = [];
  for (let at = 0; at < count; at++) {
    const word = `findable${at}x`;
    const file = program.path(`${word}.eml`);
    await writeFile(
      file,
      `From: a@example.org\r\nSubject: ${word}\r\nDate: Mon, 14 May 2001 16:39:00 +0000\r\n\r\n${word}\r\n`,
    );
    const running = program.start('import', file);
    await running.until(() => running.stdout.includes('"captured"'));
    const elapsed = stopwatch();
    await until(async () => (await search(word)) === 1, 10);
    times.push(elapsed());
    await running.ended();
  }
  return times;
}

/** How much Redis holds while work waits in it. */
class QueueWatch implements AsyncDisposable {
  readonly #redis: Redis;
  readonly #base: number;
  /** The key under which the spool lists what it holds. */
  #index: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  most = 0;
  bytesPerQueued = 0;

  private constructor(redis: Redis, base: number) {
    this.#redis = redis;
    this.#base = base;
    this.#timer = globalThis.setInterval(() => void this.#look().catch(() => undefined), 200);
  }

  static async begin(url: string): Promise<QueueWatch> {
    const redis = new Redis(url);
    return new QueueWatch(redis, await usedBytes(redis));
  }

  end(): void {
    clearInterval(this.#timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
    await this.#redis.quit();
  }

  async #look(): Promise<void> {
    const used = await usedBytes(this.#redis);
    this.#index ??= (await this.#redis.keys('*spool*index'))[0];
    const waiting = this.#index === undefined ? 0 : await this.#redis.zcard(this.#index);
    if (waiting <= this.most) return;
    this.most = waiting;
    this.bytesPerQueued = (used - this.#base) / waiting;
  }
}

async function usedBytes(redis: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/mu.exec(await redis.info('memory'))?.[1] ?? 0);
}
