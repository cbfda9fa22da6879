import {
  type FileHandle,
  link,
  mkdir,
  mkdtemp,
  open,
  readFile,
  readdir,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { asSequence } from '#kernel';
import { FilesystemLedgerStore } from '../../services/ledger/adapters/filesystem-ledger-store.ts';
import { ledgerStoreContract } from './ledger-store.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muniment-ledger-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

ledgerStoreContract(async () => ({
  store: await FilesystemLedgerStore.open(folder),
  reopened: () => FilesystemLedgerStore.open(folder),
}));

const sidecar = `${'0'.repeat(16)}-${'a'.repeat(32)}`;

test('what a crash left half-written is cleared away at open', async () => {
  await FilesystemLedgerStore.open(folder);
  await writeFile(join(folder, '.tmp-left'), 'half');
  await writeFile(join(folder, 'sidecar', '.tmp-left'), 'half');
  const store = await FilesystemLedgerStore.open(folder);
  expect(await readdir(folder)).toEqual(['sidecar']);
  expect(await readdir(join(folder, 'sidecar'))).toEqual([]);
  expect(await store.newest()).toBeUndefined();
});

test('an erasure that a crash interrupted before its change loses nothing; one interrupted after it is completed', async () => {
  const store = await FilesystemLedgerStore.open(folder);
  await store.putSidecar(sidecar, Buffer.from('content'));
  await link(join(folder, 'sidecar', sidecar), join(folder, 'sidecar', '.erasing-1'));
  await writeFile(join(folder, 'sidecar', '.erasing-2'), 'old content');
  const other = join(folder, 'witness');
  await link(join(folder, 'sidecar', '.erasing-2'), other);
  await rm(other);
  const again = await FilesystemLedgerStore.open(folder);
  expect(String(await again.readSidecar(sidecar))).toBe('content');
  expect(await readdir(join(folder, 'sidecar'))).toEqual([sidecar]);
});

test('erasing overwrites the earlier bytes, also where another name still leads to them', async () => {
  const store = await FilesystemLedgerStore.open(folder);
  await store.putSidecar(sidecar, Buffer.from('a secret word'));
  const witness = join(folder, 'sidecar', 'witness');
  await link(join(folder, 'sidecar', sidecar), witness);
  await store.eraseFromSidecar(sidecar, Buffer.from('rest'));
  expect(String(await readFile(witness))).toBe('\0'.repeat(13));
});

test('an interrupted erasure is completed, or taken back, whatever other names lead to its file', async () => {
  const store = await FilesystemLedgerStore.open(folder);
  const copy = join(folder, 'copy');
  await mkdir(copy);
  const [untouched, replaced] = [sidecar, `${'1'.repeat(16)}-${'a'.repeat(32)}`];
  for (const name of [untouched, replaced]) {
    await store.putSidecar(name, Buffer.from('a secret word'));
    await link(join(folder, 'sidecar', name), join(folder, 'sidecar', `.erasing-${name}`));
    await link(join(folder, 'sidecar', name), join(copy, name));
  }
  await rm(join(folder, 'sidecar', replaced));
  await store.putSidecar(replaced, Buffer.from('rest'));
  const again = await FilesystemLedgerStore.open(folder);
  expect(String(await again.readSidecar(untouched))).toBe('a secret word');
  expect(String(await again.readSidecar(replaced))).toBe('rest');
  expect(String(await readFile(join(copy, replaced)))).toBe('\0'.repeat(13));
  expect(await readdir(join(folder, 'sidecar'))).toEqual([untouched, replaced]);
});

test('every earlier byte is overwritten, also by a system that writes only part of what it is given', async () => {
  const store = await FilesystemLedgerStore.open(folder);
  await store.putSidecar(sidecar, Buffer.from('a secret word'));
  const witness = join(folder, 'sidecar', 'witness');
  await link(join(folder, 'sidecar', sidecar), witness);
  const written = await writingAtMost(5, () => store.eraseFromSidecar(sidecar, Buffer.from('rest')));
  expect(written).toBe('erased');
  expect(String(await readFile(witness))).toBe('\0'.repeat(13));
});

/** POSIX lets `write` end early; no file system does it on demand. */
async function writingAtMost<Result>(bytesMax: number, work: () => Promise<Result>): Promise<Result> {
  await using some = await open(join(folder, 'some'), 'w');
  const prototype = Object.getPrototypeOf(some) as FileHandle;
  const write = Reflect.get(prototype, 'write') as (...given: readonly unknown[]) => unknown;
  const short = jest.spyOn(prototype, 'write') as unknown as jest.Mock;
  short.mockImplementation(function (this: FileHandle, bytes, from, length, at) {
    return Reflect.apply(write, this, [bytes, from, Math.min(Number(length), bytesMax), at]);
  });
  try {
    return await work();
  } finally {
    short.mockRestore();
  }
}

test('while others open the folder, sidecars are put and erased, and the old bytes are overwritten', async () => {
  const store = await FilesystemLedgerStore.open(folder);
  let isDone = false;
  const open = async () => {
    while (!isDone) await FilesystemLedgerStore.open(folder);
  };
  const others = Promise.all([open(), open(), open()]);
  try {
    for (let number = 0; number < 100; number++) {
      const name = `${String(number).padStart(16, '0')}-${'a'.repeat(32)}`;
      await store.putSidecar(name, Buffer.from('a secret word'));
      const witness = join(folder, `witness-${number}`);
      await link(join(folder, 'sidecar', name), witness);
      await store.eraseFromSidecar(name, Buffer.from('rest'));
      expect(String(await store.readSidecar(name))).toBe('rest');
      expect(String(await readFile(witness))).toBe('\0'.repeat(13));
    }
  } finally {
    isDone = true;
    await others;
  }
});

test('a file that nobody of ours wrote is named', async () => {
  const store = await FilesystemLedgerStore.open(folder);
  await writeFile(join(folder, 'notes.txt'), '');
  await writeFile(join(folder, 'sidecar', 'x'), '');
  const strays: string[] = [];
  for await (const stray of store.listStrays()) strays.push(stray);
  expect(strays).toEqual(['notes.txt', 'sidecar/x']);
});

test('what is no file, and has the name of a batch or a sidecar, is named', async () => {
  const store = await FilesystemLedgerStore.open(folder);
  const sidecar = `${'0'.repeat(16)}-${'a'.repeat(32)}`;
  await symlink('/dev/null', join(folder, '0'.repeat(16)));
  await mkdir(join(folder, 'sidecar', sidecar));
  const strays: string[] = [];
  for await (const stray of store.listStrays()) strays.push(stray);
  expect(strays).toEqual([`${'0'.repeat(16)} (no regular file)`, `sidecar/${sidecar} (no regular file)`]);
});

test('invariant 11: a folder that cannot be written to is a fault with a code, not a crash', async () => {
  const store = await FilesystemLedgerStore.open(folder);
  await rm(folder, { recursive: true });
  await symlink('/dev/full/nowhere', folder);
  await expect(store.create(asSequence(0), Buffer.from('x'))).rejects.toMatchObject({ code: 'store-unavailable' });
});
