import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { asSequence, systemClock } from '#kernel';
import { Ledger, type LedgerStore, type TreeHead, verifyLedger } from '#ledger';
import { FilesystemLedgerStore } from '../../services/ledger/adapters/filesystem-ledger-store.ts';
import { MemoryLedgerStore } from '../../services/ledger/adapters/memory-ledger-store.ts';
import { damagesIn, writeSample } from '../sample-ledger.ts';

let folder = '';
let head: TreeHead = { size: 0, root: '' };
let batches: string[] = [];
let sidecars: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muniment-tampering-'));
  head = (await writeSample(await FilesystemLedgerStore.open(folder))).ledger.head;
  batches = (await readdir(folder)).filter((name) => name !== 'sidecar').sort();
  sidecars = (await readdir(join(folder, 'sidecar'))).map((name) => `sidecar/${name}`).sort();
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function damages(trusted?: TreeHead): Promise<string[]> {
  const { found } = await damagesIn(await FilesystemLedgerStore.open(folder), trusted);
  return found.map(({ place, problem }) => `${place}: ${problem}`);
}

let contents: ReadonlyMap<string, Buffer> | undefined;

/** The ledger in memory, with other bytes in one file. */
async function withChange(name: string, bytes: Buffer): Promise<LedgerStore> {
  contents ??= new Map(
    await Promise.all(
      [...batches, ...sidecars].map(async (each) => [each, await readFile(join(folder, each))] as const),
    ),
  );
  const store = new MemoryLedgerStore();
  for (const [each, content] of contents) {
    const stored = each === name ? bytes : content;
    if (each.startsWith('sidecar/')) await store.putSidecar(each.slice('sidecar/'.length), stored);
    else await store.create(asSequence(Number.parseInt(each, 16)), stored);
  }
  return store;
}

async function isDamaged(store: LedgerStore): Promise<boolean> {
  for await (const _ of verifyLedger(store)) return true;
  return false;
}

/** Runs `check` while the file has other bytes, or none. */
async function whileChanged(name: string, bytes: Buffer | undefined, check: () => Promise<void>): Promise<void> {
  const path = join(folder, name);
  const before = await readFile(path);
  await (bytes === undefined ? rm(path) : writeFile(path, bytes));
  await check();
  await writeFile(path, before);
}

describe('invariant 18: whoever changes the ledger is found out', () => {
  test('the untouched ledger has no damage, also measured by its own checkpoint', async () => {
    expect(batches.length).toBeGreaterThan(6);
    expect(sidecars.length).toBeGreaterThan(4);
    expect(await damages()).toEqual([]);
    expect(await damages(head)).toEqual([]);
  });

  test('every single-byte change of every file', async () => {
    let changes = 0;
    const unnoticed: string[] = [];
    for (const name of [...batches, ...sidecars]) {
      const before = await readFile(join(folder, name));
      for (let at = 0; at < before.length; at++) {
        const changed = Buffer.from(before);
        changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
        if (!(await isDamaged(await withChange(name, changed)))) unnoticed.push(`${name} byte ${at}`);
        changes++;
      }
    }
    expect(unnoticed).toEqual([]);
    expect(changes).toBeGreaterThan(5000);
  });

  test('every single-bit change of the newest batch keeps the ledger from being opened, so that nothing is appended to it', async () => {
    const name = batches.at(-1) ?? '';
    const before = await readFile(join(folder, name));
    const unnoticed: string[] = [];
    for (let bit = 0; bit < before.length * 8; bit++) {
      const changed = Buffer.from(before);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit % 8));
      const opened = Ledger.open({ store: await withChange(name, changed), clock: systemClock });
      if (
        await opened.then(
          () => true,
          () => false,
        )
      )
        unnoticed.push(`byte ${bit >> 3} bit ${bit % 8}`);
    }
    expect(unnoticed).toEqual([]);
  });

  test('every file removed, cut at its end, or with something added', async () => {
    for (const name of [...batches, ...sidecars]) {
      const bytes = await readFile(join(folder, name));
      const isLast = name === batches.at(-1);
      await whileChanged(name, undefined, async () => expect(await damages(head)).not.toEqual([]));
      if (!isLast) await whileChanged(name, undefined, async () => expect(await damages()).not.toEqual([]));
      for (const length of [0, 1, bytes.length - 1, Math.floor(bytes.length / 2)]) {
        await whileChanged(name, bytes.subarray(0, length), async () => expect(await damages()).not.toEqual([]));
      }
      for (const more of ['\n', '{}\n', '\0']) {
        const longer = Buffer.concat([bytes, Buffer.from(more)]);
        await whileChanged(name, longer, async () => expect(await damages()).not.toEqual([]));
      }
    }
  });

  test('every line of every batch removed, doubled, or changed with its neighbour', async () => {
    for (const name of batches) {
      const lines = String(await readFile(join(folder, name)))
        .split('\n')
        .slice(0, -1);
      for (let at = 0; at < lines.length; at++) {
        const [line = '', next] = [lines[at], lines[at + 1]];
        const variants = [lines.toSpliced(at, 1), lines.toSpliced(at, 0, line)];
        if (next !== undefined) variants.push(lines.toSpliced(at, 2, next, line));
        for (const variant of variants) {
          const bytes = Buffer.from(`${variant.join('\n')}\n`);
          await whileChanged(name, bytes, async () => expect(await damages()).not.toEqual([]));
        }
      }
    }
  });

  test('two batches exchanged, or one laid under another name', async () => {
    for (const [i, name] of batches.entries()) {
      const [path, other] = [join(folder, name), join(folder, batches[(i + 1) % batches.length] ?? '')];
      const [a, b] = [await readFile(path), await readFile(other)];
      await writeFile(path, b);
      await writeFile(other, a);
      expect(await damages()).not.toEqual([]);
      await writeFile(path, a);
      await writeFile(other, b);
      const moved = join(folder, '00000000000000ff');
      await writeFile(moved, a);
      expect(await damages()).not.toEqual([]);
      await rm(moved);
      await rename(path, moved);
      expect(await damages()).not.toEqual([]);
      await rename(moved, path);
    }
  });

  test('a tail that was cut off, by whoever holds an earlier checkpoint', async () => {
    const removed: [string, Buffer][] = [];
    for (const name of batches.toReversed()) {
      removed.push([name, await readFile(join(folder, name))]);
      await rm(join(folder, name));
      expect((await damages(head)).join()).toMatch(/cut off|no batch/u);
    }
    for (const [name, bytes] of removed) await writeFile(join(folder, name), bytes);
    expect(await damages(head)).toEqual([]);
  });

  test('a history that is whole in itself but not the one of the checkpoint', async () => {
    const trusted = { size: 2, root: '0'.repeat(64) };
    expect(await damages(trusted)).toEqual(['1: its history is not that of the trusted checkpoint']);
  });

  test('several damages are all named, each at its place', async () => {
    const [first, , third, , fifth] = batches;
    await whileChanged(third ?? '', Buffer.from('x'), async () => {
      await whileChanged(fifth ?? '', undefined, async () => {
        const found = await damages();
        expect(found.some((each) => each.startsWith(`${Number.parseInt(third ?? '', 16)}: `))).toBe(true);
        expect(found.some((each) => each.includes('missing: entries'))).toBe(true);
        expect(found.some((each) => each.startsWith(`${Number.parseInt(first ?? '', 16)}: `))).toBe(false);
      });
    });
  });

  test('a sidecar where no batch begins, and none was ever proposed; not one of a proposal that lost or was cut off', async () => {
    const begin = (sequence: number) => sequence.toString(16).padStart(16, '0');
    const planted = [2 ** 40, head.size + 1, 2].map((first) => `${begin(first)}-${'a'.repeat(32)}`);
    const lost = [head.size, Number.parseInt(batches[1] ?? '', 16)].map((first) => `${begin(first)}-${'b'.repeat(32)}`);
    for (const name of [...planted, ...lost]) await writeFile(join(folder, 'sidecar', name), 'x');
    expect((await damages()).sort()).toEqual(
      planted.map((name) => `sidecar ${name}: no batch was ever to begin there`).sort(),
    );
    for (const name of [...planted, ...lost]) await rm(join(folder, 'sidecar', name));
  });

  test('a file that does not belong there', async () => {
    await writeFile(join(folder, 'readme'), '');
    expect(await damages()).toEqual(['readme: a file that the ledger did not write']);
    await rm(join(folder, 'readme'));
  });
});
