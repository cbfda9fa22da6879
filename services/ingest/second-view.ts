import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { analyze, BOUNDARY, decodeDocument, encodeDocument, type SearchColumn } from '#search';
import type { ReadMessage } from './read-message.ts';
import type { SecondReading } from './second-view-child.ts';

const timeMaxMs = 10_000;
const residentBytesMax = 400 * 1024 * 1024;
const heapMegabytesMax = 256;
const watchEveryMs = 200;
const pageBytes = 4096;

/**
 * Reads a message that two programs may understand differently a second time, with another parser, and adds to the
 * document what only that one saw: evidence must not hide where parsers disagree. Other people's parser runs in a child
 * process, one message at a time, watched by time and resident size, killed and started anew when it exceeds either.
 */
export class SecondView implements AsyncDisposable {
  #child: ChildProcess | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** Never rejects: without a second reading the first stands, with its flag. */
  widen(message: ReadMessage, bytes: Buffer): Promise<ReadMessage> {
    const turn = this.#last.then(() => this.#read(bytes));
    this.#last = turn;
    return turn.then((reading) => (reading === undefined ? message : union(message, reading)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  #read(bytes: Buffer): Promise<SecondReading | undefined> {
    const child = this.#child ?? this.#start();
    return new Promise((resolve) => {
      const end = (reading: SecondReading | undefined) => {
        clearTimeout(timer);
        clearInterval(watch);
        child.removeAllListeners('message');
        child.removeAllListeners('exit');
        if (reading === undefined) this.#kill(child);
        resolve(reading);
      };
      const timer = setTimeout(() => end(undefined), timeMaxMs);
      const watch = setInterval(() => residentBytes(child) > residentBytesMax && end(undefined), watchEveryMs);
      child.on('message', (reading: SecondReading) => end(reading));
      child.on('exit', () => end(undefined));
      child.send(bytes.toString('base64'));
    });
  }

  #start(): ChildProcess {
    const child = fork(new URL('./second-view-child.ts', import.meta.url), {
      execArgv: [`--max-old-space-size=${heapMegabytesMax}`],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.on('error', () => this.#kill(child));
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
  const { columns } = known;
  const widened: Partial<Record<SearchColumn, string>> = {
    subject: joined(columns.subject, reading.subject),
    body: joined(columns.body, reading.body),
    names: joined(columns.names, reading.names.join('\n')),
  };
  return { ...message, encoded: encodeDocument({ ...known, columns: { ...columns, ...widened } }) };
}

function joined(known: string, read: string): string {
  const text = analyze(read);
  if (text === '' || ` ${known} `.includes(` ${text} `)) return known;
  return known === '' ? text : `${known} ${BOUNDARY} ${text}`;
}
