import { headerText, messageText, parseMessage } from '#message';
import { type Ast, type Excerpt, excerptsOf } from '#search';
import { writtenTexts } from './written-texts.ts';

/** What may be wanted of a message that is read for a person, and the answer to each. */
interface Answers {
  readonly text: string;
  readonly headers: string;
  readonly excerpts: readonly Excerpt[];
}

export type Wanted = { readonly what: 'text' | 'headers' } | { readonly what: 'excerpts'; readonly query: Ast };

export type AnswerTo<W extends Wanted> = Answers[W['what']];

/** Reads the beginning of a message for what is wanted: here, or in a thread. */
export function readFor<W extends Wanted>(bytes: Buffer, wanted: W): AnswerTo<W>;
export function readFor(bytes: Buffer, wanted: Wanted): Answers[keyof Answers] {
  switch (wanted.what) {
    case 'text':
      return messageText(parseMessage(bytes));
    case 'headers':
      return headerText(bytes);
    case 'excerpts':
      return excerptsOf(wanted.query, writtenTexts(parseMessage(bytes)));
  }
}
