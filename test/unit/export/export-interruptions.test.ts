import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ArchiveFault } from '#archive';
import { Exporter } from '#export';
import { digestOf } from '#kernel';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { signerNamed } from '../../sample-ledger.ts';
import { mail, openArchive, type TestArchive } from './export-archive.ts';
import { filesIn, linesOf, sha256sumAccepts, temporaryFolder } from './export-files.ts';

describe('an export', () => {
  let archive: TestArchive;
  let place: Awaited<ReturnType<typeof temporaryFolder>>;
  let out: string;

  beforeEach(async () => {
    archive = await openArchive();
    place = await temporaryFolder();
    out = join(place.path, 'out');
    for (const name of ['one', 'two', 'three']) await archive.add(mail(name, `Text ${name}`));
  });

  afterEach(async () => {
    await archive[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  const all = (to = out) => ({ selection: { all: true as const }, out: to, format: 'eml' as const });
  const exports = async () => {
    const entries = [];
    for await (const batch of archive.ledger.read(0)) entries.push(...batch.entries);
    return entries.filter((entry) => entry.kind === 'export');
  };

  test('is in the ledger before its first byte of content is written (invariant 30)', async () => {
    let recorded = 0;
    const spied = new Proxy(archive.stores.archive, {
      get: (target, name) => {
        if (name === 'read') recorded = archive.ledger.head.size;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const newest = archive.newest;
    const summary = await new Exporter({ ...archive, archive: spied }).export(all(), 'ada');
    expect(recorded).toBe(newest + 2);
    expect(await exports()).toEqual([
      expect.objectContaining({
        actor: 'ada',
        asOf: newest,
        count: 3,
        export: summary.exportId,
        format: 'eml',
        sequence: newest + 1,
        aside: { query: '*', out },
      }),
    ]);
  });

  test('is made though a checkpoint of more than it had folded was signed meanwhile (invariant 22)', async () => {
    const { truth, ledger, recorder } = archive;
    let folded = 0;
    const overtaken = new Proxy(truth, {
      get: (target, name) => async () => {
        if (name !== 'folded') throw new Error(`${String(name)} is not asked for`);
        const catalog = await target.folded();
        folded += 1;
        if (folded > 1) return catalog;
        await archive.add(mail('four', 'Text four'));
        await recorder.catchUp();
        await ledger.checkpoint(archive.catalog.tiles);
        return catalog;
      },
    });
    const { selected, exported } = await new Exporter({
      ...archive,
      archive: archive.stores.archive,
      truth: overtaken,
    }).export(all(), 'test');
    expect({ selected, exported }).toEqual({ selected: 3, exported: 3 });
    expect(sha256sumAccepts(out)).toBe(true);
  });

  test('that cannot be recorded writes nothing (invariant 30)', async () => {
    archive.stores.ledger.create = () => Promise.reject(new Error('the medium is gone'));
    await expect(archive.exporter.export(all(), 'test')).rejects.toThrow('the medium is gone');
    expect(await readdir(place.path)).toEqual([]);
  });

  test.each(['out', 'out.zip'])('never writes over what is there (%s)', async (name) => {
    const to = join(place.path, name);
    await (name === 'out' ? mkdir(to).then(() => writeFile(join(to, 'mine'), '')) : writeFile(to, 'mine'));
    const before = await filesIn(place.path);
    await expect(archive.exporter.export(all(to), 'test')).rejects.toMatchObject({ code: 'out-exists' });
    expect(await filesIn(place.path)).toEqual(before);
    expect(await exports()).toEqual([]);
  });

  test('goes into an empty folder', async () => {
    await mkdir(out);
    await archive.exporter.export(all(), 'test');
    expect(sha256sumAccepts(out)).toBe(true);
  });

  test.each(['out', 'out.zip'])('replaces what an interrupted one left (%s)', async (name) => {
    const to = join(place.path, name);
    await mkdir(`${to}.partial`);
    for (const left of ['SHA256SUMS', 'stale', 'export.zip']) await writeFile(join(`${to}.partial`, left), 'x');
    await archive.exporter.export(all(to), 'test');
    expect(await readdir(place.path)).toEqual([name]);
    if (name === 'out') expect(await readdir(to)).not.toContain('stale');
  });

  test('does not remove a folder that is not its own', async () => {
    await mkdir(`${out}.partial`);
    await writeFile(join(`${out}.partial`, 'thesis.txt'), 'mine');
    await expect(archive.exporter.export(all(), 'test')).rejects.toMatchObject({ code: 'out-exists' });
    expect(await readdir(`${out}.partial`)).toEqual(['thesis.txt']);
  });

  test.each(['out', 'out.zip'])('that is stopped by its signal leaves nothing (%s)', async (name) => {
    const stop = new AbortController();
    const reason = new Error('stopped');
    const reading = new Proxy(archive.stores.archive, {
      get: (target, key) => {
        if (key === 'read') stop.abort(reason);
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const exporter = new Exporter({ ...archive, archive: reading });
    const order = all(join(place.path, name));
    await expect(exporter.export(order, 'test', { signal: stop.signal })).rejects.toBe(reason);
    expect(await readdir(place.path)).toEqual([]);
  });

  test.each(['out', 'out.zip'])('is not signed by another key than the one it has with it (%s)', async (name) => {
    const { archive: store } = archive.stores;
    const read = store.read.bind(store);
    const rotate = () => archive.ledger.rotateKey(signerNamed('next'), { actor: 'test' });
    let rotated: Promise<unknown> | undefined;
    store.read = async (ref) => {
      await (rotated ??= rotate());
      return await read(ref);
    };
    const order = all(join(place.path, name));
    await expect(archive.exporter.export(order, 'test')).rejects.toMatchObject({ code: 'key-changed' });
    expect(await readdir(place.path)).toEqual([]);
    await archive.exporter.export(order, 'test');
    expect(await readdir(place.path)).toEqual([name]);
  });

  test('lists what is damaged or missing and has the rest (invariants 21 and 26)', async () => {
    const [one, two] = ['one', 'two'].map((name) => digestOf(mail(name, `Text ${name}`)));
    const { archive: store } = archive.stores;
    const read = store.read.bind(store);
    store.read = (ref) => {
      const code = ref.digest === one ? 'damaged' : ref.digest === two ? 'not-found' : undefined;
      return code === undefined ? read(ref) : Promise.reject(new ArchiveFault(code, code, { remedy: '' }));
    };
    const summary = await archive.exporter.export(all(), 'test');
    expect(summary).toMatchObject({ selected: 3, exported: 1, exceptions: 2 });
    expect(await linesOf(join(out, 'exceptions.jsonl'))).toEqual([
      expect.objectContaining({ digest: one, exported: false, reason: 'damaged' }),
      expect.objectContaining({ digest: two, exported: false, reason: 'missing' }),
    ]);
    expect((await linesOf(join(out, 'manifest.jsonl'))).length).toBe(1);
    expect(sha256sumAccepts(out)).toBe(true);
  });

  test('remarks on messages whose content nobody could read', async () => {
    await archive.add(
      Buffer.from('Content-Type: multipart/encrypted; boundary=b\r\nSubject: s\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n'),
    );
    const summary = await archive.exporter.export(all(), 'test');
    expect(summary).toMatchObject({ exported: 4, exceptions: 0, remarks: 1 });
    expect(await linesOf(join(out, 'exceptions.jsonl'))).toEqual([
      expect.objectContaining({
        exported: true,
        reason: 'content-not-fully-read',
        flags: expect.arrayContaining(['encrypted']),
      }),
    ]);
  });

  test('refuses when the index does not cover everything (invariant 28)', async () => {
    const select = archive.index.select.bind(archive.index);
    archive.index.select = async (request) => ({ ...(await select(request)), complete: false });
    const order = { ...all(), selection: { query: 'text' } };
    await expect(archive.exporter.export(order, 'test')).rejects.toMatchObject({ code: 'incomplete' });
    expect(await readdir(place.path)).toEqual([]);
  });

  test('refuses a matter without holds, an unknown matter and a sequence to come', async () => {
    await archive.matters.create({ name: 'Quiet', description: '' }, 'test');
    const refused = (order: object) => expect(archive.exporter.export({ ...all(), ...order }, 'test')).rejects;
    await refused({ selection: { matter: 'Quiet' } }).toMatchObject({ code: 'no-holds' });
    await refused({ selection: { matter: 'Loud' } }).toMatchObject({ code: 'no-such-matter' });
    await refused({ asOf: 1_000_000 }).toMatchObject({ code: 'as-of-beyond' });
    await refused({ selection: { query: '"open' } }).toMatchObject({ code: 'query-invalid' });
  });

  test('says so when a file stands in its way', async () => {
    await writeFile(out, '');
    const order = all(join(out, 'below'));
    await expect(archive.exporter.export(order, 'test')).rejects.toMatchObject({ code: 'out-unwritable' });
  });
});
