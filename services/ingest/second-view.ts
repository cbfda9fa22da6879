import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type ParseFlag, Turnstile } from '#kernel';
import { BETWEEN, decodeDocument, DocumentBudget, documentText, encodeDocument, type SearchColumn } from '#search';
import type { ReadMessage } from './read-message.ts';
import type { SecondReading } from './second-view-child.ts';

const timeMaxMs = 10_000;
const residentBytesMax = 400 * 1024 * 1024;
const heapMegabytesMax = 256;
const watchEveryMs = 200;
const pageBytes = 4096;

export interface SecondViewOptions {
  /** What the child runs; it answers as `second-view-child.ts` does. */
  readonly child?: URL;
  readonly timeMaxMs?: number;
  readonly residentBytesMax?: number;
}

/**
 * Reads a message that two programs may understand differently a second time, with another parser, and adds to the
 * document what only that one saw: evidence must not hide where parsers disagree. Other people's parser runs in a child
 * process, one message at a time, watched by time and resident size, killed and started anew when it exceeds either.
 */
export class SecondView implements AsyncDisposable {
  readonly #script: URL;
  readonly #timeMaxMs: number;
  readonly #residentBytesMax: number;
  readonly #turnstile = new Turnstile();
  #child: ChildProcess | undefined;

  constructor(options: SecondViewOptions = {}) {
    this.#script = options.child ?? new URL('./second-view-child.ts', import.meta.url);
    this.#timeMaxMs = options.timeMaxMs ?? timeMaxMs;
    this.#residentBytesMax = options.residentBytesMax ?? residentBytesMax;
  }

  /** Never rejects: without a second reading the first stands, with its flag. */
  async widen(message: ReadMessage, bytes: Buffer): Promise<ReadMessage> {
    const reading = await this.#turnstile.pass(() => this.#read(bytes));
    return reading === undefined ? message : union(message, reading);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turnstile.pass(async () => {
      if (this.#child !== undefined) this.#kill(this.#child);
    });
  }

  #read(bytes: Buffer): Promise<SecondReading | undefined> {
    const child = this.#child ?? this.#start();
    return new Promise((resolve) => {
      const end = (reading: SecondReading | undefined) => {
        clearTimeout(timer);
        clearInterval(watch);
        child.off('message', end).off('exit', lost).off('error', lost);
        if (reading === undefined) this.#kill(child);
        resolve(reading);
      };
      const lost = () => end(undefined);
      const timer = setTimeout(lost, this.#timeMaxMs);
      const watch = setInterval(() => residentBytes(child) > this.#residentBytesMax && lost(), watchEveryMs);
      child.on('message', end).on('exit', lost).on('error', lost);
      child.send(bytes.toString('base64'));
    });
  }

  #start(): ChildProcess {
    const child = fork(this.#script, {
      execArgv: [`--max-old-space-size=${heapMegabytesMax}`],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    // Also between two messages: a dead child must not be asked.
    child.on('error', () => this.#kill(child)).on('exit', () => this.#kill(child));
    child.unref();
    child.channel?.unref();
    this.#child = child;
    return child;
  }

  #kill(child: ChildProcess): void {
    child.kill('SIGKILL');
    if (this.#child === child) this.#child = undefined;
  }
}

/** Resident size of a process where the system tells (Linux), else 0: then time and heap limits remain. */
function residentBytes(child: ChildProcess): number {
  try {
    return Number(readFileSync(`/proc/${child.pid}/statm`, 'latin1').split(' ')[1]) * pageBytes;
  } catch {
    return 0;
  }
}

function union(message: ReadMessage, reading: SecondReading): ReadMessage {
  const known = decodeDocument(message.encoded);
  const { columns, display } = known;
  const budget = new DocumentBudget();
  for (const text of Object.values(columns)) budget.take(text);
  const widened: Partial<Record<SearchColumn, string>> = {
    subject: joined(columns.subject, reading.subject, budget),
    names: joined(columns.names, reading.names.join('\n'), budget),
    body: joined(columns.body, reading.body, budget),
  };
  const flags = budget.isSpent ? [...new Set<ParseFlag>([...message.flags, 'text-truncated'])] : message.flags;
  const document = { ...known, columns: { ...columns, ...widened }, display: { ...display, flags } };
  return { ...message, flags, encoded: encodeDocument(document) };
}

function joined(known: string, read: string, budget: DocumentBudget): string {
  const searched = documentText(read);
  const [tokens = ''] = searched.split(BETWEEN, 1);
  if (tokens === '' || ` ${known} `.includes(` ${tokens} `)) return known;
  const added = budget.take(searched);
  if (added === '') return known;
  return known === '' ? added : `${known}${BETWEEN}${added}`;
}
