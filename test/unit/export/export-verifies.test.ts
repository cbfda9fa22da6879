import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestOf } from '#kernel';
import { parseCheckpoint, verifyProof } from '#ledger';
import { appendFile, cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { mail, openArchive, type TestArchive } from './export-archive.ts';
import { commandsOf, filesIn, linesOf, run, sha256sumAccepts, temporaryFolder } from './export-files.ts';

const messages = [
  mail('first', 'Hello'),
  mail('second', 'From here on\r\nFrom there\r\n>From quoted\r\n>>From twice', ''),
  Buffer.from([0, 255, 10, 13, 10, 0]),
  ...Array.from({ length: 20 }, (_, number) => mail(`more ${number}`, `Text ${number}`)),
];

describe('an export', () => {
  let archive: TestArchive;
  let place: Awaited<ReturnType<typeof temporaryFolder>>;
  let folder: string;

  beforeAll(async () => {
    archive = await openArchive();
    place = await temporaryFolder();
    folder = join(place.path, 'all');
    for (const message of messages) await archive.add(message);
    await archive.add(messages[0] ?? Buffer.alloc(0), { custodian: 'bob', mailbox: 'Sent', flags: ['\\Seen'] });
    await archive.exporter.export({ selection: { all: true }, out: folder, format: 'eml' }, 'test');
  });

  afterAll(async () => {
    await archive[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  test('has every message byte for byte, under a name made of its sequence and digest (invariants 2 and 21)', async () => {
    const manifest = await linesOf(join(folder, 'manifest.jsonl'));
    expect(manifest.length).toBe(messages.length);
    for (const [index, line] of manifest.entries()) {
      const { path, digest, sequence } = line;
      const bytes = messages[index] ?? Buffer.alloc(0);
      expect(await readFile(join(folder, String(path)))).toEqual(bytes);
      expect(digest).toBe(digestOf(bytes));
      const name = String(sequence).padStart(8, '0');
      expect(path).toBe(`messages/${name.slice(0, 5)}/${name}-${String(digest).slice(0, 8)}.eml`);
    }
  });

  test('says of each message who had it, where and when', async () => {
    const [line] = await linesOf(join(folder, 'manifest.jsonl'));
    expect(line).toMatchObject({
      generation: 1,
      size: messages[0]?.length,
      custodians: ['ada', 'bob'],
      date: '2026-11-02T08:30:00.000Z',
      capturedAt: '2026-11-23T08:00:01.000Z',
      sightings: [
        { custodian: 'ada', mailbox: 'INBOX', seenAt: '2026-11-23T08:00:01.000Z', source: '0123456789abcdef' },
        { custodian: 'bob', mailbox: 'Sent', flags: ['\\Seen'] },
      ],
    });
  });

  test('is accepted by sha256sum, which covers every file but the list itself and its signature (invariant 21)', async () => {
    expect(sha256sumAccepts(folder)).toBe(true);
    const listed = (await readFile(join(folder, 'SHA256SUMS'), 'utf8')).split('\n').filter(Boolean);
    const names = listed.map((line) => line.slice(66)).sort();
    const present = [...(await filesIn(folder)).keys()].filter((name) => !name.startsWith('SHA256SUMS')).sort();
    expect(names).toEqual(present);
  });

  test('is refused by sha256sum once any file is changed or removed (invariant 21)', async () => {
    const copy = join(place.path, 'copy');
    for (const name of (await filesIn(folder)).keys()) {
      if (name.startsWith('SHA256SUMS') || (name.startsWith('proofs/') && !name.includes('00000003-'))) continue;
      await cp(folder, copy, { recursive: true });
      await appendFile(join(copy, name), 'x');
      expect(sha256sumAccepts(copy)).toBe(false);
      await rm(join(copy, name));
      expect(sha256sumAccepts(copy)).toBe(false);
      await rm(copy, { recursive: true });
    }
  });

  test('proves that the ledger has the capture of each message (invariant 20)', async () => {
    const manifest = await linesOf(join(folder, 'manifest.jsonl'));
    const entries = (await readFile(join(folder, 'entries.jsonl'), 'utf8')).split('\n');
    const checkpoint = await readFile(join(folder, 'checkpoint.txt'), 'utf8');
    for (const [index, { digest, proof, sequence }] of manifest.entries()) {
      const entry = entries[index] ?? '';
      const text = await readFile(join(folder, String(proof)), 'utf8');
      const proved = verifyProof(Buffer.from(entry), text, archive.signer.publicKey);
      expect(proved).toEqual({ index: sequence, checkpoint: parseCheckpoint(checkpoint) });
      expect(text.endsWith(checkpoint)).toBe(true);
      expect(JSON.parse(entry).digest).toBe(digest);
    }
  });

  test('has the checkpoint of exactly the sequence it was made as of', async () => {
    const out = join(place.path, 'earlier');
    const asOf = archive.newest - 5;
    await archive.exporter.export({ selection: { all: true }, out, format: 'eml', asOf }, 'test');
    expect(parseCheckpoint(await readFile(join(out, 'checkpoint.txt'), 'utf8')).size).toBe(asOf + 1);
  });

  test('as zip has the same files as the folder, except that nothing else is in it', async () => {
    const asOf = parseCheckpoint(await readFile(join(folder, 'checkpoint.txt'), 'utf8')).size - 1;
    const [zip, again] = [join(place.path, 'all.zip'), join(place.path, 'again.zip')];
    for (const out of [zip, again]) {
      await archive.exporter.export({ selection: { all: true }, out, format: 'eml', asOf }, 'test');
    }
    expect(await readFile(again)).toEqual(await readFile(zip));
    const unpacked = join(place.path, 'unpacked');
    const { status } = run(place.path, `unzip -q ${zip} -d ${unpacked} && unzip -tqq ${zip}`);
    expect(status).toBe(0);
    expect(await filesIn(unpacked)).toEqual(await filesIn(folder));
  });

  test('as mbox gives back the bytes of each message, and is accepted by sha256sum', async () => {
    const out = join(place.path, 'mbox');
    await archive.exporter.export({ selection: { all: true }, out, format: 'mbox' }, 'test');
    expect(sha256sumAccepts(out)).toBe(true);
    const mbox = await readFile(join(out, 'messages.mbox'));
    const commands = await commandsOf(out, 'MESSAGES\n');
    for (const { offset, length, digest } of await linesOf(join(out, 'manifest.jsonl'))) {
      const script = commands.replace('offset=0 length=0', `offset=${String(offset)} length=${String(length)}`);
      expect(run(out, script).output).toBe(`${String(digest)}  -\n`);
    }
    const separators = mbox.toString('latin1').match(/^From MAILER-DAEMON .*$/gmu) ?? [];
    expect(mbox.toString('latin1').match(/^From .*$/gmu)).toEqual(separators);
    expect(separators.length).toBe(messages.length);
    expect(separators[0]).toBe('From MAILER-DAEMON Mon Nov 23 08:00:01 2026');
  });
});
