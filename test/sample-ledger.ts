import { createHash, createPrivateKey } from 'node:crypto';
import { asDigest, asSequence, type Digest, FixedClock } from '#kernel';
import { type EntryDraft, Ledger, type LedgerDamage, type LedgerStore, type TreeHead, verifyLedger } from '#ledger';
import { MemoryLedgerStore } from '../services/ledger/adapters/memory-ledger-store.ts';
import { MemorySigner } from '../services/ledger/adapters/memory-signer.ts';

/** RFC 8410: what stands before the 32 bytes of an Ed25519 private key in its PKCS8 form. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The same key for the same name. */
export function signerNamed(name: string): MemorySigner {
  const der = Buffer.concat([pkcs8Prefix, hashOf(name)]);
  return new MemorySigner(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
}

/** The same bytes for the same seed, in the same order of asking. */
export function randomFrom(seed: string): (sizeBytes: number) => Buffer {
  let drawn = 0;
  return (sizeBytes) => {
    const blocks = Array.from({ length: Math.ceil(sizeBytes / 32) }, () => hashOf(`${seed} ${drawn++}`));
    return Buffer.concat(blocks).subarray(0, sizeBytes);
  };
}

export const startTime = Date.UTC(2026, 10, 23, 9);

/** Of a captured message. */
export function sampleDigest(number: number): Digest {
  return asDigest(hashOf(`message ${number}`).toString('hex'));
}

export function captureDraft(number: number, policy = 0): EntryDraft {
  return {
    kind: 'capture',
    digest: sampleDigest(number),
    generation: 1,
    source: 'import-1',
    sighting: hashOf(`sighting ${number}`).toString('hex').slice(0, 32),
    seenAt: startTime + number,
    policy: policy < 0 ? -1 : asSequence(policy),
    holds: [],
    size: 1000 + number,
    flags: [],
    aside: { custodian: 'ines', mailbox: 'ines/inbox', path: `ines/inbox/${number}.eml`, format: 'eml' },
  };
}

export function holdDraft(hold: string): Extract<EntryDraft, { kind: 'hold-placed' }> {
  const aside = { query: 'subject:"Zürich"', reason: 'claim' };
  return { kind: 'hold-placed', actor: 'cli', hold, matter: 'matter-1', aside };
}

export function readDraft(capture: number): EntryDraft {
  return { kind: 'read', actor: 'cli', what: 'raw', captures: [asSequence(capture)], aside: {} };
}

export function disposedDraft(capture: number, erased: readonly number[]): EntryDraft {
  return {
    kind: 'disposed',
    order: 'order-1',
    digest: sampleDigest(capture),
    generation: 1,
    capture: asSequence(capture),
    size: 1000,
    versions: 1,
    destruction: 'overwritten',
    erased: erased.map((sequence) => asSequence(sequence)),
    aside: {},
  };
}

type Examined = Extract<EntryDraft, { kind: 'storage-examined' }>;

/** An examination of storage in which these probes of its locks ended so. */
export function examinedDraft(
  verdict: Examined['verdict'],
  probes: Readonly<Record<string, Examined['probes'][number]['outcome']>>,
  changes: Partial<Examined> = {},
): Examined {
  return {
    kind: 'storage-examined',
    actor: 'scheduler',
    examinedAt: startTime,
    program: 'muniment/0.1.0',
    service: 's3-compatible',
    lock: 'object-lock-governance',
    verdict,
    probes: Object.entries(probes).map(([probe, outcome]) => ({ probe, outcome })),
    aside: { answers: Object.entries(probes).map(([probe, outcome]) => `${probe} ${outcome} here`) },
    ...changes,
  };
}

export const soundProbes = { 'delete-version': 'passed', 'bypass-governance': 'noted' } as const;
export const unsoundProbes = { 'delete-version': 'failed', 'bypass-governance': 'noted' } as const;

export async function newLedger(store: LedgerStore = new MemoryLedgerStore(), seed = 'ledger') {
  const clock = new FixedClock(startTime);
  const signer = signerNamed('first key');
  const options = { store, signer, clock, random: randomFrom(seed), retry: { attempts: 5, pauseMs: 0 } };
  const ledger = await Ledger.create({ ...options, origin: 'archive.example/ledger', actor: 'cli' });
  return { ledger, store, signer, clock, options };
}

/** Two epochs, a rotated key, several batches with and without sidecars, one erased line and its certificate. */
export async function writeSample(store: LedgerStore) {
  const { ledger, clock, options } = await newLedger(store);
  await ledger.append([captureDraft(1), captureDraft(2), captureDraft(3)], { policy: 0 });
  clock.advance(1000);
  await ledger.append([holdDraft('hold-1'), readDraft(1)]);
  const second = signerNamed('second key');
  await ledger.rotateKey(second, { actor: 'cli', reason: 'yearly' });
  await ledger.append([captureDraft(4, 4), readDraft(2)], { policy: 4 });
  await ledger.eraseAsides([2]);
  await ledger.append([disposedDraft(2, [2])]);
  clock.advance(1000);
  const signer = signerNamed('third key');
  const decision = { actor: 'cli', origin: 'archive.example/ledger-2', reason: 'restored', decidedBy: 'Ines' };
  const adopted = await Ledger.adoptEpoch({ ...options, signer, decision });
  await adopted.append([captureDraft(5, adopted.head.policy)]);
  return { ledger: adopted, options: { ...options, signer } };
}

/** With the fields of 2026-11-30. */
export const repeatableSearch: EntryDraft = {
  kind: 'search',
  actor: 'cli',
  asOf: asSequence(3),
  total: 1,
  shown: 0,
  set: asDigest(hashOf('2\n').toString('hex')),
  analyzer: 7,
  aside: { query: '"Blauer Reiher"', ast: asDigest(hashOf('"blauer reiher"').toString('hex')), hits: [asSequence(2)] },
};

/** Kinds and fields of entries that came after the first version of the format. */
export async function writeLaterKinds(store: LedgerStore) {
  const { ledger, clock } = await newLedger(store, 'later kinds');
  await ledger.append([examinedDraft('sound', soundProbes)]);
  clock.advance(86_400_000);
  const examinedAt = startTime + 86_400_000;
  await ledger.append([captureDraft(1), examinedDraft('unsound', unsoundProbes, { examinedAt })]);
  await ledger.append([repeatableSearch]);
  return { ledger };
}

type DraftOf<K extends EntryDraft['kind']> = Extract<EntryDraft, { kind: K }>;

/** A matter keeps a query under a name; with the id of one that is there, in its place. */
export function savedDraft(saved: string, name: string, query: string): DraftOf<'search-saved'> {
  return { kind: 'search-saved', actor: 'cli', matter: 'm', saved, aside: { name, query } };
}

export function discardedDraft(saved: string): DraftOf<'search-discarded'> {
  return { kind: 'search-discarded', actor: 'api', matter: 'm', saved, aside: {} };
}

/** Kinds of 2026-12-01. */
export async function writeSavedSearches(store: LedgerStore) {
  const { ledger, clock } = await newLedger(store, 'saved searches');
  await ledger.append([
    savedDraft('saved-1', 'Fährten', 'fähre OR "VF-2217"'),
    savedDraft('saved-2', 'birds', 'heron'),
  ]);
  clock.advance(1000);
  await ledger.append([savedDraft('saved-1', 'Fährten', 'fähre w/5 riss*')]);
  clock.advance(1000);
  await ledger.append([discardedDraft('saved-2')]);
  return { ledger };
}

export async function damagesIn(store: LedgerStore, trusted?: TreeHead) {
  const found: LedgerDamage[] = [];
  const verification = verifyLedger(store, { trusted: trusted === undefined ? [] : [trusted] });
  for await (const damage of verification) found.push(damage);
  return { found, summary: verification.summary };
}
