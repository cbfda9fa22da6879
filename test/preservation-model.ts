/** What must be true of an archive, in plain terms: no ledger, no stores, no query language. */

const day = 86_400_000;

/** The messages that the model knows: what a query can ask of each. */
export interface Letter {
  readonly bytes: Buffer;
  /** Its mark stands in every path it is seen at, so that what is left of a disposed one can be looked for. */
  readonly mark: string;
  readonly apple: boolean;
  readonly sentIn: number;
  /** It may say more than anybody can read. */
  readonly unreadable: boolean;
}

function letter(mark: string, words: string, sentIn: number, messageId = mark): Letter {
  const header = `From: ada@example.org\r\nSubject: ${mark}\r\nMessage-ID: <${messageId}@example.org>\r\n`;
  const bytes = Buffer.from(`${header}Date: Mon, 5 Jan ${sentIn} 09:00:00 +0000\r\n\r\n${words}\r\n`);
  return { bytes, mark, apple: words.includes('apple'), sentIn, unreadable: words.includes('-----BEGIN') };
}

export const letters: readonly Letter[] = [
  letter('markzero', 'an apple fell', 2024),
  letter('markone', 'a pear fell', 2024),
  letter('marktwo', 'an apple rose', 2025),
  // The same Message-ID as the first, other bytes.
  letter('markthree', 'a plum', 2025, 'markzero'),
  letter('markfour', '-----BEGIN PGP MESSAGE-----\r\n\r\naGVsbG8=\r\n-----END PGP MESSAGE-----', 2024),
];

/** A hold's query, and what it means. */
export interface Question {
  readonly query: string;
  covers(letter: Letter, custodians: ReadonlySet<string>): boolean;
}

export const questions: readonly Question[] = [
  { query: 'apple', covers: (one) => one.apple || one.unreadable },
  { query: 'NOT apple', covers: (one) => !one.apple || one.unreadable },
  { query: 'custodian:ben', covers: (_, custodians) => custodians.has('ben') },
  { query: 'NOT custodian:ada', covers: (_, custodians) => !custodians.has('ada') },
  { query: 'custodian:ada custodian:ben', covers: (_, custodians) => custodians.has('ada') && custodians.has('ben') },
  { query: 'date:2025', covers: (one) => one.sentIn === 2025 },
  {
    query: 'apple AND NOT custodian:ben',
    covers: (one, custodians) => (one.apple || one.unreadable) && !custodians.has('ben'),
  },
];

/** Days that the archive can have seen pass: without any that the clock was set forward by, and with the most it may believe. */
interface Passed {
  readonly sure: number;
  readonly atMost: number;
}

export interface Kept {
  readonly generation: number;
  readonly capturedAt: number;
  readonly custodians: Set<string>;
  readonly paths: Set<string>;
  /** What had passed when it was captured. */
  readonly passedBefore: Passed;
  /** The latest end that any schedule gave it; 0: none. */
  retainUntil: number;
  /** A crash left it without its sighting: more may be held than the model can tell. */
  isRecovered: boolean;
}

interface Held {
  readonly question: Question;
  /** `letter.mark` and generation of everything that it ever matched. */
  readonly covered: Set<string>;
}

export class PreservationModel {
  readonly kept = new Map<Letter, Kept>();
  readonly disposed = new Map<Letter, number>();
  readonly holds = new Map<string, Held>();
  scheduleDays: number | undefined;
  #passed: Passed = { sure: 0, atMost: 0 };

  pass(days: number): void {
    this.#passed = { sure: this.#passed.sure + days, atMost: this.#passed.atMost + days };
  }

  /** No more than a week of it may be believed. */
  setForward(days: number): void {
    this.#passed = { ...this.#passed, atMost: this.#passed.atMost + Math.min(days, 7) };
  }

  /** One sighting; answers what the archive must say of it. */
  see(one: Letter, custodian: string, path: string, now: number): 'captured' | 'sighted' | 'known' {
    const known = this.kept.get(one);
    const kept = known ?? this.#begin(one, now);
    if (kept.paths.has(path)) return 'known';
    kept.paths.add(path);
    kept.custodians.add(custodian);
    this.#lengthen(kept);
    this.rejudge(one);
    return known === undefined ? 'captured' : 'sighted';
  }

  /** Stored, and recorded without a place, because a crash came between. */
  recover(one: Letter, now: number): void {
    const kept = this.#begin(one, now);
    kept.isRecovered = true;
    this.#lengthen(kept);
    this.rejudge(one);
  }

  rejudge(one: Letter): void {
    const kept = this.kept.get(one);
    if (kept === undefined) return;
    for (const { question, covered } of this.holds.values()) {
      if (question.covers(one, kept.custodians)) covered.add(`${one.mark} ${kept.generation}`);
    }
  }

  place(id: string, question: Question): void {
    this.holds.set(id, { question, covered: new Set() });
    for (const one of this.kept.keys()) this.rejudge(one);
  }

  schedule(days: number | undefined): void {
    this.scheduleDays = days;
    for (const kept of this.kept.values()) this.#lengthen(kept);
  }

  dispose(one: Letter): void {
    this.disposed.set(one, this.kept.get(one)?.generation ?? 0);
    this.kept.delete(one);
  }

  /** Holds that must be on it. */
  holdsOn(one: Letter): string[] {
    const name = `${one.mark} ${this.kept.get(one)?.generation}`;
    return [...this.holds].filter(([, { covered }]) => covered.has(name)).map(([id]) => id);
  }

  /** What an attempt to dispose of it must come to; undefined: the model cannot tell. */
  verdict(one: Letter, now: number): 'held' | 'retained' | 'unwitnessed' | 'free' | 'gone' | undefined {
    const kept = this.kept.get(one);
    if (kept === undefined) return 'gone';
    if (this.holdsOn(one).length > 0) return 'held';
    if (kept.isRecovered && this.holds.size > 0) return undefined;
    if (kept.retainUntil > now) return 'retained';
    if (lasts(kept) <= this.#passed.sure - kept.passedBefore.sure) return 'free';
    return this.#isUnwitnessed(kept) ? 'unwitnessed' : undefined;
  }

  /** A verdict that allows no disposal, whatever a crash left open. */
  mustStay(one: Letter, now: number): boolean {
    const kept = this.kept.get(one);
    if (kept === undefined) return false;
    return this.holdsOn(one).length > 0 || kept.retainUntil > now || this.#isUnwitnessed(kept);
  }

  #isUnwitnessed(kept: Kept): boolean {
    return lasts(kept) > this.#passed.atMost - kept.passedBefore.atMost;
  }

  #begin(one: Letter, now: number): Kept {
    const generation = (this.disposed.get(one) ?? 0) + 1;
    const kept: Kept = {
      generation,
      capturedAt: now,
      custodians: new Set(),
      paths: new Set(),
      passedBefore: this.#passed,
      retainUntil: 0,
      isRecovered: false,
    };
    this.kept.set(one, kept);
    return kept;
  }

  #lengthen(kept: Kept): void {
    if (this.scheduleDays === undefined) return;
    kept.retainUntil = Math.max(kept.retainUntil, kept.capturedAt + this.scheduleDays * day);
  }
}

/** Days that it must be kept at least. */
function lasts({ retainUntil, capturedAt }: Kept): number {
  return (retainUntil - capturedAt) / day;
}
