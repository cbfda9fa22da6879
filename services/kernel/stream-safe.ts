// Marks, and the two letters that become marks when they are decomposed. Every character with a combining class is among them.
const MARK = String.raw`[\p{M}\uff9e\uff9f]`;
const EXCESS = new RegExp(`${MARK}(?<=${MARK}{31})`, 'gu');

/**
 * The text with at most 30 combining marks in a row; those behind them are dropped. To be called before every `normalize` of
 * text that others wrote: it sorts the marks of a run, in time that is quadratic in its length. No language needs more than 30
 * (UAX #15, Stream-Safe Text Format). Linear.
 */
export function streamSafe(text: string): string {
  return text.replace(EXCESS, '');
}
