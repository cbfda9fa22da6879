import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { asSequence } from '#kernel';
import {
  isSignedBy,
  Ledger,
  makeCheckpoint,
  MemoryHashTiles,
  parseCheckpoint,
  parseProof,
  verifyCheckpoint,
  verifyProof,
} from '#ledger';
import { FileSigner } from '../../../services/ledger/adapters/file-signer.ts';
import { MemoryLedgerStore } from '../../../services/ledger/adapters/memory-ledger-store.ts';
import { captureDraft, newLedger, signerNamed, writeSample } from '../../sample-ledger.ts';

async function tilesOf(ledger: Ledger): Promise<MemoryHashTiles> {
  const tiles = new MemoryHashTiles();
  for await (const batch of ledger.read(0)) tiles.append(batch.leafHashes);
  return tiles;
}

async function ledgerOf(batches: number, store = new MemoryLedgerStore()) {
  const made = await newLedger(store);
  for (let i = 0; i < batches; i++) await made.ledger.append([captureDraft(2 * i), captureDraft(2 * i + 1)]);
  return { ...made, tiles: await tilesOf(made.ledger) };
}

describe('checkpoints', () => {
  test("the C2SP specification's own example of a signed checkpoint is read", () => {
    const root = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';
    const signature = 'Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=';
    const text = `example.com/behind-the-sofa\n20852163\n${root}\n\n— example.com/behind-the-sofa ${signature}\n`;
    expect(parseCheckpoint(text)).toEqual({
      origin: 'example.com/behind-the-sofa',
      size: 20852163,
      root: Buffer.from(root, 'base64').toString('hex'),
    });
  });

  test('invariant 19: every committed size can be signed, smaller ones too', async () => {
    const { ledger, signer, tiles } = await ledgerOf(4);
    for (const size of [9, 1, 4, 8, 9, 2]) {
      const checkpoint = verifyCheckpoint(await ledger.checkpoint(tiles, size), signer.publicKey);
      expect(checkpoint).toMatchObject({ origin: 'archive.example/ledger', size });
    }
    expect(await signer.lastSigned()).toEqual({ size: 9, root: ledger.head.root });
  });

  test('invariant 19: another history of the same size, or of a larger one, is never signed', async () => {
    const { ledger, signer, tiles } = await ledgerOf(3);
    await ledger.checkpoint(tiles);
    const other = await newLedger(new MemoryLedgerStore(), 'another history');
    await other.ledger.append(Array.from({ length: 9 }, (_, i) => captureDraft(i)));
    const forked = await Ledger.open({ ...other.options, signer: signerNamed('first key') });
    const sameKey = await Ledger.open({ ...other.options, signer });
    const otherTiles = await tilesOf(forked);
    await expect(sameKey.checkpoint(otherTiles)).rejects.toMatchObject({ code: 'inconsistent-history' });
    await expect(sameKey.checkpoint(otherTiles, 5)).rejects.toMatchObject({ code: 'inconsistent-history' });
  });

  test('tiles that are not those of the ledger, or lag behind it, are not signed', async () => {
    const { ledger } = await ledgerOf(2);
    const { tiles: others } = await ledgerOf(1);
    await expect(ledger.checkpoint(others)).rejects.toMatchObject({ code: 'not-reached' });
    const wrong = new MemoryHashTiles();
    wrong.append(Array.from({ length: 5 }, () => Buffer.alloc(32)));
    await expect(ledger.checkpoint(wrong)).rejects.toMatchObject({ code: 'inconsistent-history' });
    await expect(ledger.checkpoint(others, 9)).rejects.toMatchObject({ code: 'not-reached' });
  });

  test('a checkpoint with any byte changed is refused', async () => {
    const { ledger, signer, tiles } = await ledgerOf(1);
    const text = Buffer.from(await ledger.checkpoint(tiles));
    expect(verifyCheckpoint(text.toString(), signer.publicKey).size).toBe(3);
    for (let at = 0; at < text.length; at++) {
      const changed = Buffer.from(text);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => verifyCheckpoint(changed.toString(), signer.publicKey)).toThrow('refused');
    }
    expect(() => verifyCheckpoint(text.toString(), signerNamed('other').publicKey)).toThrow('refused');
  });

  test('signatures of others are passed over; a bad one of the known key spoils the checkpoint', async () => {
    const { signer } = await ledgerOf(0);
    const head = { origin: 'a.example', size: 1, root: '0'.repeat(64) };
    const good = await makeCheckpoint(head, signer);
    const foreign = (await makeCheckpoint(head, signerNamed('witness'))).split('\n').at(-2) ?? '';
    expect(verifyCheckpoint(`${good}${foreign}\n`, signer.publicKey)).toEqual(head);
    const bad = (await makeCheckpoint({ ...head, size: 2 }, signer)).split('\n').at(-2) ?? '';
    expect(() => verifyCheckpoint(`${good}${bad}\n`, signer.publicKey)).toThrow('refused');
  });
});

describe('invariant 20: proofs that a stranger verifies offline', () => {
  test('each entry of a ledger of two epochs and two rotations has one', async () => {
    const { ledger, options } = await writeSample(new MemoryLedgerStore());
    const tiles = await tilesOf(ledger);
    for (let sequence = 0; sequence < ledger.head.size; sequence++) {
      const proof = await ledger.proof(tiles, sequence);
      const verified = verifyProof(await ledger.entryBytes(sequence), proof, options.signer.publicKey);
      expect(verified).toMatchObject({ index: sequence, checkpoint: { root: ledger.head.root } });
    }
  });

  test('a proof with any byte changed, or for another entry, is refused', async () => {
    const { ledger, signer, tiles } = await ledgerOf(3);
    const entry = await ledger.entryBytes(2);
    const text = Buffer.from(await ledger.proof(tiles, 2));
    expect(parseProof(text.toString()).path).toHaveLength(3);
    for (let at = 0; at < text.length; at++) {
      const changed = Buffer.from(text);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => verifyProof(entry, changed.toString(), signer.publicKey)).toThrow('refused');
    }
    const other = await ledger.entryBytes(3);
    expect(() => verifyProof(other, text.toString(), signer.publicKey)).toThrow('refused');
    await expect(ledger.proof(tiles, 7)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('extra data is kept apart and not trusted', async () => {
    const { ledger, tiles } = await ledgerOf(0);
    const text = (await ledger.proof(tiles, 0)).replace('\nindex', '\nextra aGk=\nindex');
    expect(String(parseProof(text).extra)).toBe('hi');
  });
});

function sums(path = 'messages/1.eml'): string {
  return `${'a'.repeat(64)}  README.txt\n${'0'.repeat(64)}  ${path}\n`;
}

describe('attestations', () => {
  test('are the same signature of the ledger key for the same list of sums', async () => {
    const { ledger, signer } = await ledgerOf(1);
    const signature = await ledger.attest(Buffer.from(sums()));
    expect(isSignedBy(signer.publicKey, Buffer.from(sums()), signature)).toBe(true);
    expect(await ledger.attest(Buffer.from(sums()))).toEqual(signature);
    expect(await signer.lastSigned()).toBeUndefined();
  });

  test('are given of nothing that could be a checkpoint, a batch or anything but a list of sums', async () => {
    const { ledger, store, tiles } = await ledgerOf(1);
    const checkpoint = await ledger.checkpoint(tiles);
    const batch = (await store.read(asSequence(0))) ?? Buffer.alloc(0);
    const signedOfBatch = batch.subarray(0, batch.lastIndexOf(10, batch.length - 2) + 1);
    const signedOfCheckpoint = checkpoint.slice(0, checkpoint.indexOf('\n\n') + 1);
    const lists = [
      sums().slice(0, -1),
      `${sums()}\n`,
      sums('two words'),
      sums('line\\nend'),
      sums('ümlaut'),
      sums('/etc'),
    ];
    const other = ['', '\n', checkpoint, signedOfCheckpoint, batch, signedOfBatch, `${sums()}${signedOfCheckpoint}`];
    for (const bytes of [...lists, ...other]) {
      await expect(ledger.attest(Buffer.from(bytes))).rejects.toMatchObject({ code: 'not-attestable' });
    }
  });

  test('need the signing key, and are made by the newest', async () => {
    const { ledger, options } = await ledgerOf(1);
    const reader = await Ledger.open({ store: options.store, clock: options.clock });
    await expect(reader.attest(Buffer.from(sums()))).rejects.toMatchObject({ code: 'read-only' });
    await ledger.rotateKey(signerNamed('next'), { actor: 'test' });
    expect(
      isSignedBy(signerNamed('next').publicKey, Buffer.from(sums()), await ledger.attest(Buffer.from(sums()))),
    ).toBe(true);
  });
});

describe('a signing key in a file', () => {
  test('is made once, readable by its owner only, and remembers what it signed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'muniment-key-'));
    try {
      const file = join(folder, 'ledger-key.pem');
      await expect(FileSigner.open(file)).rejects.toMatchObject({ code: 'not-found' });
      const signer = await FileSigner.create(file);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      await expect(FileSigner.create(file)).rejects.toMatchObject({ code: 'already-exists' });
      expect(await signer.lastSigned()).toBeUndefined();
      await signer.remember({ size: 7, root: 'a'.repeat(64) });
      const again = await FileSigner.open(file);
      expect(again.publicKey).toBe(signer.publicKey);
      expect(await again.lastSigned()).toEqual({ size: 7, root: 'a'.repeat(64) });
      expect(await readFile(file, 'latin1')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/u);
      await writeFile(`${file}.state.json`, '{}');
      await expect(FileSigner.open(file)).rejects.toMatchObject({ code: 'damaged' });
      await writeFile(file, 'no key');
      await expect(FileSigner.open(file)).rejects.toMatchObject({ code: 'damaged' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
