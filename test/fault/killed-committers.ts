import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from '@jest/globals';
import { systemClock } from '#kernel';
import { Ledger } from '#ledger';
import { FileSigner } from '../../services/ledger/adapters/file-signer.ts';
import { HttpHandOver } from '../../services/ledger/adapters/http-hand-over.ts';
import { captureDraft, damagesIn, randomFrom } from '../sample-ledger.ts';
import { ledgerStoreAt } from './ledger-place.ts';

const secret = 'a secret of the processes';
const perCall = 4;

/** A place for a ledger, and a key for it. */
export class KilledCommitters implements AsyncDisposable {
  readonly #place: string;
  readonly #folder: string;
  readonly #acknowledged: number[] = [];
  #child: ChildProcess | undefined;
  #address: string | undefined;
  #enough = false;
  #next = Promise.withResolvers<void>();

  private constructor(place: string, folder: string) {
    this.#place = place;
    this.#folder = folder;
  }

  /** Begins a ledger at the place. */
  static async at(placeIn: (folder: string) => string): Promise<KilledCommitters> {
    const folder = await mkdtemp(join(tmpdir(), 'muniment-committers-'));
    const killed = new KilledCommitters(placeIn(folder), folder);
    const signer = await FileSigner.create(killed.#keyFile);
    const begun = { store: await ledgerStoreAt(killed.#place), signer, clock: systemClock };
    await Ledger.create({ ...begun, origin: 'archive.example/committers', actor: 'cli' });
    return killed;
  }

  get #keyFile(): string {
    return join(this.#folder, 'key.pem');
  }

  /** 8 writers append while one committer after another is killed; then all of it is counted. */
  async survive(kills: number): Promise<void> {
    await this.#startCommitter();
    const writers = Array.from({ length: 8 }, (_, i) => this.#write(i));
    const random = randomFrom('committer kill');
    for (let kill = 0; kill < kills; kill++) {
      const goal = this.#acknowledged.length + 40 + (random(1)[0] ?? 0);
      while (this.#acknowledged.length < goal) await this.#next.promise;
      await this.#killCommitter();
      await this.#startCommitter();
    }
    this.#enough = true;
    await Promise.all(writers);
    await this.#count(kills);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#killCommitter();
    await rm(this.#folder, { recursive: true });
  }

  async #startCommitter(): Promise<void> {
    const args = [join(import.meta.dirname, 'ledger-committer.ts'), this.#place, this.#keyFile, secret];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child = child;
    for await (const line of createInterface(child.stdout)) {
      this.#address = line.slice('at '.length);
      return;
    }
    throw new Error('the committer did not start');
  }

  async #killCommitter(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** Half of the writers have no key: without a committer they wait. */
  async #write(writer: number): Promise<void> {
    const key = writer % 2 === 0 ? { signer: await FileSigner.open(this.#keyFile) } : { patienceMs: 600_000 };
    await using handOver = new HttpHandOver({ address: async () => this.#address, secret, restMs: 20 });
    await using store = await ledgerStoreAt(this.#place);
    await using ledger = await Ledger.open({ store, clock: systemClock, handOver, ...key });
    for (let number = writer * 1_000_000; !this.#enough; number += perCall) {
      const numbers = Array.from({ length: perCall }, (_, i) => number + i);
      const outcome = await ledger.append(numbers.map((each) => captureDraft(each)));
      if (outcome.outcome === 'appended') this.#acknowledged.push(...numbers);
      this.#next.resolve();
      this.#next = Promise.withResolvers<void>();
    }
  }

  async #count(kills: number): Promise<void> {
    const store = await ledgerStoreAt(this.#place);
    expect((await damagesIn(store)).found).toEqual([]);
    const found: string[] = [];
    const ledger = await Ledger.open({ store, clock: systemClock });
    for await (const batch of ledger.read(0)) {
      for (const entry of batch.entries) if (entry.kind === 'capture') found.push(entry.sighting);
    }
    expect(new Set(found).size).toBe(found.length);
    expect(found.toSorted()).toEqual(this.#acknowledged.map(sightingOf).toSorted());
    expect(this.#acknowledged.length).toBeGreaterThan(kills * 40);
  }
}

function sightingOf(number: number): string {
  const draft = captureDraft(number);
  return draft.kind === 'capture' ? draft.sighting : '';
}
