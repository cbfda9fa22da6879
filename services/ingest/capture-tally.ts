import type { CaptureOutcome } from './capture.ts';

/** `failed`: to be tried again, or given up. `missing`: the spool no longer had it, and its source shows it again. */
export type CaptureEnd = CaptureOutcome | 'failed' | 'missing';

/** How capture jobs ended in this process since it started. */
export class CaptureTally {
  readonly #counts: Record<CaptureEnd, number> = { captured: 0, sighted: 0, known: 0, failed: 0, missing: 0 };

  add(ends: readonly CaptureEnd[]): void {
    for (const end of ends) this.#counts[end] += 1;
  }

  counts(): Readonly<Record<CaptureEnd, number>> {
    return { ...this.#counts };
  }
}
