import type { KillMoment } from './muniment.ts';

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * A moment within a command that makes that many changes; up to some milliseconds after one of them. Early ones are
 * likelier: a command that was killed before has less left to do.
 */
export function momentWithin(changes: number, random: () => number): KillMoment {
  return { changes: 1 + Math.floor(random() * random() * changes), ms: Math.floor(random() * random() * 12) };
}
