/** Those that stand in no word's way: also escape, DEL and C1, but not the two that old programs write for apostrophes. */
const UNSEEN = String.raw`[\u0001-\u0008\u000e-\u001f\u007f-\u0090\u0093-\u009f]`;
const UNSEEN_WITHIN = new RegExp(`${UNSEEN}(?<=[\\p{L}\\p{M}\\p{N}].)${UNSEEN}*(?=[\\p{L}\\p{N}])`, 'gu');
const ESCAPE = '\u001b';
const CSI = '\u009b';
/** ECMA-48 §5.3, §5.4: what sets colours and fonts. */
const ESCAPE_SEQUENCE = new RegExp(`(?:${ESCAPE}\\[|${CSI})[0-?]{0,50}[ -/]{0,10}[@-~]|${ESCAPE}[()][0-9A-B]`, 'gu');

/** NUL octets hide words from a search and show in no reader. */
export function withoutNul(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '') : text;
}

/**
 * Controls have no appearance: NUL goes, of others within words a zero-width space remains, at which these may be taken apart.
 * Of escape sequences the escape remains, as a control.
 */
export function withoutControls(text: string): string {
  const whole = withoutNul(text);
  const plain = whole.includes(ESCAPE) || whole.includes(CSI) ? whole.replace(ESCAPE_SEQUENCE, ESCAPE) : whole;
  return plain.replace(UNSEEN_WITHIN, '\u200b');
}
