export interface FaultDetails {
  /** What the person can do next. One sentence, imperative. */
  readonly remedy: string;
  readonly cause?: unknown;
  /** Facts for machines: names, sizes, positions. Never content, never a secret. */
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
}

/**
 * An expected failure. Each folder declares its own closed list of codes and a subclass; callers compare `code`, never the
 * message. The message says what was tried and what happened, in one line.
 */
export class Fault<Code extends string = string> extends Error {
  readonly code: Code;
  readonly remedy: string;
  readonly facts: Readonly<Record<string, string | number | boolean>>;

  constructor(code: Code, message: string, details: FaultDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.remedy = details.remedy;
    this.facts = details.facts ?? {};
  }
}

/** The one-line message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The system's error code (`ENOENT`, `ENOSPC` …) of anything that was thrown, or undefined. */
export function systemCodeOf(thrown: unknown): string | undefined {
  // Not `instanceof Error`: an error of the system may come from another realm, as below a test runner.
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}
