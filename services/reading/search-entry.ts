import { digestOf, type Sequence } from '#kernel';
import { analyzerVersion, type Ast, type CountAnswer, printQuery, setDigest } from '#search';
import type { EntryDraft, EntryOf, Ledger } from '#ledger';

export type SearchEntry = EntryOf<'search'>;
export type SearchDraft = Extract<EntryDraft, { kind: 'search' }>;

/** Up to how many captures are listed in the ledger, so that a repetition can name what differs. */
const listedMax = 10_000;

/** A query as it was written, and as it was understood. */
export interface Asked {
  readonly query: string;
  readonly ast: Ast;
}

/** What of the messages the answer shows: how many of them are listed, and whether with parts of what they say. */
export interface Shown {
  readonly count: number;
  readonly excerpts?: true;
}

/** A search as the ledger has it. What was not whole is no set that could be found again. */
export function searchDraft({ query, ast }: Asked, answer: CountAnswer, shown: Shown, actor: string): SearchDraft {
  const { asOf, total, complete, sequences } = answer;
  const isKnown = complete && sequences !== undefined;
  return {
    kind: 'search',
    actor,
    asOf: Math.max(0, asOf) as Sequence,
    total,
    shown: shown.count,
    ...(shown.excerpts === true && { excerpts: true as const }),
    ...(isKnown && { set: setDigest(sequences), analyzer: analyzerVersion }),
    aside: { query, ast: astDigest(ast), ...(isKnown && total <= listedMax && { hits: [...sequences] }) },
  };
}

/** The same without the list: two thousand of them recorded in one call would be more than a call may have. */
export function unlisted(draft: SearchDraft): SearchDraft {
  const { hits: _, ...aside } = draft.aside;
  return { ...draft, aside };
}

/** What names a meaning, however it was written. */
export function astDigest(ast: Ast): ReturnType<typeof digestOf> {
  return digestOf(Buffer.from(printQuery(ast)));
}

/** Records a search, durable on return. @returns the entry's sequence, by which it can be repeated */
export async function record(ledger: Ledger, draft: SearchDraft): Promise<Sequence> {
  const { outcome, ...appended } = await ledger.append([draft]);
  const [sequence] = 'sequences' in appended ? appended.sequences : [];
  if (sequence === undefined) throw new Error(`a search was not recorded: ${outcome}`);
  return sequence;
}
