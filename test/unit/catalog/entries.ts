import { Catalog } from '#catalog';
import { asDigest, asSequence } from '#kernel';
import type { Entry, LedgerBatch } from '#ledger';

type WithoutPlace<E> = E extends Entry ? Omit<E, 'sequence' | 'time' | 'v'> : never;
/** An entry before it has a sequence. */
export type Draft = WithoutPlace<Entry>;
type DraftOf<K extends Draft['kind']> = Extract<Draft, { kind: K }>;

/** Time of the batch that begins at a sequence. */
export const timeAt = (first: number): number => Date.UTC(2026, 0, 5) + first * 1000;

export const digest = (letter: string) => asDigest(letter.repeat(64));
export const key = (number: number) => number.toString(16).padStart(32, '0');

const seen = { generation: 1, source: 'src', seenAt: 1, policy: 0, holds: [] };

export function capture(letter: string, sighting: number, more: Partial<DraftOf<'capture'>> = {}): DraftOf<'capture'> {
  const aside = { custodian: 'ada', mailbox: 'inbox', format: 'eml' as const, path: `${letter}.eml` };
  return {
    kind: 'capture',
    ...seen,
    digest: digest(letter),
    sighting: key(sighting),
    size: 10,
    flags: [],
    aside,
    ...more,
  };
}

export function sighting(letter: string, number: number, more: Partial<DraftOf<'sighting'>> = {}): DraftOf<'sighting'> {
  const aside = { custodian: 'ben', mailbox: 'sent', format: 'eml' as const, path: `copy of ${letter}.eml` };
  return { kind: 'sighting', ...seen, digest: digest(letter), sighting: key(number), aside, ...more };
}

export function holdPlaced(hold: string, query: string): DraftOf<'hold-placed'> {
  return { kind: 'hold-placed', actor: 'cli', hold, matter: 'm', aside: { query, reason: 'claim' } };
}

export function disposing(letter: string, capture: number, order = 'order'): DraftOf<'disposing'> {
  const about = { order, digest: digest(letter), generation: 1, capture: asSequence(capture), judgedThrough: 0 };
  return { kind: 'disposing', actor: 'cli', ...about, aside: { reason: 'expired' } };
}

export function disposed(letter: string, capture: number, order = 'order'): DraftOf<'disposed'> {
  const about = { order, digest: digest(letter), generation: 1, capture: asSequence(capture), size: 10 };
  return { kind: 'disposed', ...about, versions: 1, destruction: 'overwritten', erased: [], aside: {} };
}

export function batchOf(first: number, drafts: readonly Draft[]): LedgerBatch {
  const time = timeAt(first);
  const entries = drafts.map((draft, index): Entry => ({ ...draft, v: 1, time, sequence: asSequence(first + index) }));
  return {
    first: asSequence(first),
    batchId: key(first),
    time,
    entries,
    leafHashes: drafts.map(() => Buffer.alloc(32)),
  };
}

/** Folds one batch of these, behind what is folded already. */
export async function foldInto(catalog: Catalog, drafts: readonly Draft[]): Promise<void> {
  if (drafts.length > 0) await catalog.apply(batchOf(catalog.position(), drafts));
}

export async function foldedFrom(drafts: readonly Draft[], file = ':memory:'): Promise<Catalog> {
  const catalog = Catalog.open(file);
  await foldInto(catalog, drafts);
  return catalog;
}
