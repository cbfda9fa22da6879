/** A subject without what answering, forwarding and mailing lists put around it. */
export interface BaseSubject {
  readonly text: string;
  /** Whether it was said to be an answer or a forwarded message. */
  readonly isAnswer: boolean;
}

/** RFC 5322 §2.1.1: longer ones are no lines. */
const SUBJECT_UNITS_MAX = 998;
/** What was put around it is taken off so often. */
const ROUNDS_MAX = 50;

/** What mail programs write for an answer or a forwarded message, in the languages of their users. */
const ANSWER =
  /^(?:re|fwd?|aw|wg|antw|sv|vs|vb|vl|rv|res|enc|tr|rif|odp|pd|ynt|ilt|回复|回覆|答复|转发|轉寄|返信|転送|(?<letter>[ri]))\s?(?:\[\d{1,4}\]|\(\d{1,4}\)|\^\d{1,4})?\s?[:：]\s*/iu;
/** What a mailing list puts before it (`subj-blob`). */
const TAG = /^\[[^[\]]{1,100}\]\s*/u;
const TRAILER = /\s*\(fwd\)$/iu;
const WRAPPED = /^\[fwd:(?<text>.*)\]$/iu;

/** As RFC 5256 §2.1 has it, with the prefixes of other languages; in linear time. A tag is kept where nothing else is left. */
export function baseSubject(subject: string): BaseSubject {
  let text = subject.slice(0, SUBJECT_UNITS_MAX).replace(/\s+/gu, ' ').trim();
  let isAnswer = false;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const [rest, isOne] = unwrapped(text);
    if (rest === text) break;
    text = rest;
    isAnswer ||= isOne;
  }
  return { text, isAnswer };
}

/** One layer less, and whether it said that this is an answer. */
function unwrapped(text: string): readonly [text: string, isAnswer: boolean] {
  const first = text.charCodeAt(0);
  const last = text.charCodeAt(text.length - 1);
  if (last === CLOSE && TRAILER.test(text)) return [text.replace(TRAILER, ''), true];
  if (first === OPEN) return unbracketed(text);
  const rest = text.replace(ANSWER, '');
  return [rest, rest !== text];
}

const [OPEN, CLOSE] = ['['.charCodeAt(0), ')'.charCodeAt(0)];

function unbracketed(text: string): readonly [text: string, isAnswer: boolean] {
  const inner = WRAPPED.exec(text)?.groups?.['text'];
  if (inner !== undefined) return [inner.trim(), true];
  const rest = text.replace(TAG, '');
  return [rest === '' ? text : rest, false];
}
