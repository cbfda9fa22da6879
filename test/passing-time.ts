import type { Recorder } from '#catalog';
import { asSequence, type FixedClock } from '#kernel';

/** An archive whose clock stands until it is moved. */
interface Timed {
  readonly recorder: Recorder;
  readonly medium: { readonly clock: FixedClock };
}

const stepDays = 5;

/** In milliseconds. */
export function days(count: number): number {
  return count * 86_400_000;
}

/** A small entry, which shows the ledger what time it is. */
export async function recordSearch({ recorder }: Pick<Timed, 'recorder'>): Promise<void> {
  const aside = { query: 'harbour' };
  await recorder.ledger.append([{ kind: 'search', actor: 'cli', asOf: asSequence(0), total: 0, shown: 0, aside }]);
  await recorder.fold();
}

/** Time passes as it does for an archive in use, with an entry every few days: not as for a clock that is set forward. */
export async function passDays(archive: Timed, count: number): Promise<void> {
  for (let left = count; left > 0; left -= stepDays) {
    archive.medium.clock.advance(days(Math.min(stepDays, left)));
    await recordSearch(archive);
  }
}
