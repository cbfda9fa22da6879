import type { Tally } from '#ingest';
import { count, counted, type Io, shown } from './io.ts';

export interface Sum {
  found: number;
  captured: number;
  alreadyArchived: number;
  failed: number;
  ignored: number;
}

const namedCustodians = 10;

/** What several paths brought together. */
export class ImportSummary {
  readonly sum: Sum = { found: 0, captured: 0, alreadyArchived: 0, failed: 0, ignored: 0 };
  readonly #custodians = new Map<string, number>();

  add(tally: Tally): void {
    this.sum.found += tally.found;
    this.sum.captured += tally.captured;
    this.sum.alreadyArchived += tally.alreadyArchived;
    this.sum.failed += tally.failed;
    this.sum.ignored += tally.ignored;
    for (const [name, messages] of tally.custodians)
      this.#custodians.set(name, (this.#custodians.get(name) ?? 0) + messages);
  }

  /** Messages by custodian, most first. */
  get custodians(): readonly (readonly [string, number])[] {
    return [...this.#custodians].sort(([a, ofA], [b, ofB]) => ofB - ofA || (a < b ? -1 : 1));
  }

  /** Whose the mail was taken to be, before it is relied on; and what to do where nothing, or little, was found. */
  say(io: Io, format: string): void {
    const { found, ignored } = this.sum;
    const named = this.custodians
      .slice(0, namedCustodians)
      .map(([name, messages]) => `${shown(name)} ${count(messages)}`);
    const more = this.#custodians.size - named.length;
    if (named.length > 0) io.note(`custodians: ${named.join(', ')}${more > 0 ? ` and ${count(more)} more` : ''}`);
    if (found === 0)
      io.note(
        'Nothing was found: give folders with EML files or Maildirs (cur/, new/), or mbox files, and check the path.',
      );
    if (ignored > found && format === 'auto')
      io.note(
        `${counted(ignored, 'file')} ignored, more than were found: if they are mail, --format eml takes every file.`,
      );
  }
}

export function sentence(sum: Sum): string {
  const { found, captured, alreadyArchived, failed, ignored } = sum;
  const line = `found ${count(found)} = captured ${count(captured)} + already archived ${count(alreadyArchived)} + failed ${count(failed)}`;
  return ignored === 0 ? line : `${line}  (${counted(ignored, 'file')} ignored)`;
}
