import type { SearchDocument } from '#search';

/** What is asked of one kind, and how. */
export interface QueryKind {
  readonly name: string;
  readonly asks: 'first page by date' | 'first page by relevance' | 'count' | 'page 1,000';
  readonly queries: readonly string[];
}

const perKind = 20;
/** A word in more of the messages than this is everywhere: a footer, a name of the firm. */
const stillCommon = 0.3;
/** Neither rare nor everywhere. */
const middling = 0.005;
const termsOfBoolean = 50;

/** Questions of every kind, about words that these messages say; the same for the same messages. */
export function queryKinds(documents: readonly SearchDocument[]): readonly QueryKind[] {
  const counts = wordCounts(documents);
  const ranked = [...counts].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([word]) => word);
  const common = ranked.filter((word) => (counts.get(word) ?? 0) < documents.length * stillCommon);
  const middle = common.filter((word) => (counts.get(word) ?? 0) <= Math.ceil(documents.length * middling));
  const rare = spread(ranked.filter((word) => counts.get(word) === 1));
  const [words, long] = [common.slice(0, perKind), spread(middle.filter((word) => word.length > 6).slice(0, 2000))];
  const months = monthsOf(documents);
  const by = (queries: readonly string[], asks: QueryKind['asks'] = 'first page by date') => ({ asks, queries });
  const kinds: Readonly<Record<string, Omit<QueryKind, 'name'>>> = {
    'common word': by(words),
    'rare word': by(rare),
    phrase: by(spread(runsOf(documents, 3, (run) => `"${run.join(' ')}"`))),
    proximity: by(spread(runsOf(documents, 4, ([a, , , b]) => `${a} w/5 ${b}`))),
    'beginning, word*': by(long.map((word) => `${word.slice(0, 4)}*`)),
    'ending, *word': by(long.map((word) => `*${word.slice(-4)}`)),
    'fuzzy, word~': by(long.map((word) => `${word}~`)),
    field: by(words.map((word) => `subject:${word}`)),
    'field of the header': by(spread(namedIn(documents))),
    'date range': by(months.map((month) => `date:${month}`)),
    'word and date range': by(months.map((month, at) => `${words[at] ?? ''} date:>=${month}`)),
    'size range': by(Array.from({ length: perKind }, (_, at) => `size:>${(at + 1) * 2}kb`)),
    [`${termsOfBoolean} terms`]: by(words.map((_, at) => alternatives(common, at))),
    count: by(words, 'count'),
    'by relevance': by(
      words.map((word, at) => `${word} ${rare[at] ?? ''} OR ${word} ${words[at - 1] ?? ''}`),
      'first page by relevance',
    ),
    'page 1,000': by(['*', ...ranked.slice(0, perKind - 1)], 'page 1,000'),
  };
  return Object.entries(kinds).map(([name, kind]) => ({ name, ...kind }));
}

function wordCounts(documents: readonly SearchDocument[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { columns } of documents) {
    for (const word of new Set(columns.body.split(' '))) {
      if (isPlain(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  return counts;
}

/** Words that stand beside each other in the middle of a text. */
function runsOf(
  documents: readonly SearchDocument[],
  length: number,
  written: (run: readonly string[]) => string,
): readonly string[] {
  return documents.flatMap(({ columns }) => {
    const words = columns.body.split(' ');
    const at = words.length >> 1;
    const run = words.slice(at, at + length);
    return run.length === length && run.every(isPlain) ? [written(run)] : [];
  });
}

/** Of fields of the header that many messages have, each word that one begins with. */
function namedIn(documents: readonly SearchDocument[]): readonly string[] {
  const queries = documents.flatMap(({ named }) =>
    named.flatMap(([name, tokens]) => {
      const [first = ''] = tokens.split(' ');
      return name !== '' && isPlain(first) ? [`header:${name}:${first}`] : [];
    }),
  );
  return [...new Set(queries)];
}

/** Any of half of them with any of the others. */
function alternatives(common: readonly string[], at: number): string {
  const terms = Array.from(
    { length: termsOfBoolean },
    (_, step) => common[(at + step * perKind) % common.length] ?? '',
  );
  const half = termsOfBoolean / 2;
  return `(${terms.slice(0, half).join(' OR ')}) AND (${terms.slice(half).join(' OR ')})`;
}

function monthsOf(documents: readonly SearchDocument[]): readonly string[] {
  const months = documents.flatMap(({ display: { date } }) =>
    date === null || date < 0 || date > Date.UTC(2100) ? [] : [new Date(date).toISOString().slice(0, 'YYYY-MM'.length)],
  );
  return [...new Set(months)].toSorted().slice(-perKind);
}

function spread(items: readonly string[]): readonly string[] {
  const every = Math.max(1, Math.floor(items.length / perKind));
  return items.filter((_, at) => at % every === 0).slice(0, perKind);
}

/** Whether a token means itself in a query. */
function isPlain(token: string): boolean {
  return /^[a-z]{4,12}$/u.test(token);
}
