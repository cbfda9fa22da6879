import { setTimeout } from 'node:timers/promises';
import { type Deployment, openDeployment, readConfig } from '#app';
import { collect, type Source, type Tally } from '#ingest';
import { type Digest, digestOf, newId } from '#kernel';
import type { Cluster } from './cluster.ts';
import { folderSource } from './folder-source.ts';
import { mended } from './mended.ts';
import { useCredentials } from './placed-archive.ts';
import { seeds } from './soak.ts';

const lettersPerRun = 20;
const sendersAtOnce = 3;
const retryMs = 200;
/** Between two runs of a sender: as much mail as the machine takes is for the long run. */
const pauseMs = seeds(150, 0);
/** Of the letters, those have more than Redis takes into itself: they go by the scratch bucket. */
const largeEvery = 100;
const largeCharacters = 1_100_000;

/** A letter that no other has, with a word that only it has. */
export function letterOf(number: number, words = ''): Buffer {
  const padding = number % largeEvery === largeEvery - 1 ? 'filling '.repeat(largeCharacters / 8) : '';
  return Buffer.from(
    `From: Ada <ada@example.org>\r\nTo: Ben <ben@example.org>\r\nSubject: letter ${number}\r\n` +
      `Message-ID: <${number}@cluster.example.org>\r\nDate: Mon, 5 Jan 2026 09:00:00 +0000\r\n\r\n` +
      `The word is ${wordOf(number)}. ${words}\r\n${padding}\r\n`,
  );
}

export function wordOf(number: number): string {
  return `word${number}x`;
}

/**
 * Mail that comes in without an end, from senders that try again until each letter was acknowledged: what a process does
 * that receives mail, without any of its workers.
 */
export class ClusterMail implements AsyncDisposable {
  /** Digests that were answered for. */
  readonly acknowledged = new Set<Digest>();
  /** How often a run was not answered for as a whole. */
  retries = 0;
  readonly deployment: Deployment;
  #next = 0;
  #isOver = false;
  #sending: Promise<unknown> = Promise.resolve();

  private constructor(deployment: Deployment) {
    this.deployment = deployment;
  }

  static async open({ placed }: Cluster, env: Readonly<Record<string, string>> = {}): Promise<ClusterMail> {
    useCredentials(placed.env);
    const config = readConfig({ ...placed.env, ...env, STATE_DIR: placed.program.path('state', 'mail') }, placed.url);
    return new ClusterMail(await openDeployment(config, { create: true, captures: false }));
  }

  begin(): void {
    this.#isOver = false;
    this.#sending = Promise.all(Array.from({ length: sendersAtOnce }, () => this.#send()));
  }

  /** No new letters, until the next `begin`; ends when each that was begun is acknowledged. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#sending;
  }

  /** Waits until that many more letters are acknowledged. @throws when it takes longer than anything may take to mend itself */
  async more(count: number): Promise<void> {
    const goal = this.acknowledged.size + count;
    await mended('mail comes in', async () => await Promise.resolve(this.acknowledged.size >= goal));
  }

  /** Shows letters to the program until all of them are answered for. */
  async show(custodian: string, letters: readonly Buffer[], id: string = newId()): Promise<void> {
    const source = folderSource(id, { messages: letters, custodian });
    while (!(await this.#isAnswered(source))) {
      this.retries += 1;
      await setTimeout(retryMs);
    }
    for (const letter of letters) this.acknowledged.add(digestOf(letter));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    await this.deployment[Symbol.asyncDispose]();
  }

  async #send(): Promise<void> {
    while (!this.#isOver) {
      const first = this.#next;
      this.#next += lettersPerRun;
      await this.show(
        'ada',
        Array.from({ length: lettersPerRun }, (_, at) => letterOf(first + at)),
      );
      await setTimeout(pauseMs);
    }
  }

  async #isAnswered(source: Source): Promise<boolean> {
    const tally: Tally | undefined = await collect(this.deployment, source, {
      signal: new AbortController().signal,
    }).catch(() => undefined);
    return tally !== undefined && tally.failed === 0;
  }
}
