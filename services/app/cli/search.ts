import { z } from 'zod';
import { type SavedSearches, savedSearchName } from '#matters';
import { facetNames, type FoundPage, type Searching } from '#reading';
import { AppFault } from '../app-fault.ts';
import { archiveCommand, asOfHint, type ExitCode } from './command.ts';
import { HitList } from './hits.ts';
import { count, counted, type Io, shown } from './io.ts';
import { coverage, exitOf, printFacets, printRepetition, printSample } from './search-answers.ts';

const part = z.number().min(0).max(1);

const schema = z.strictObject({
  query: z.string(),
  saved: savedSearchName.optional(),
  matter: z.string().optional(),
  count: z.boolean().default(false),
  facets: z.array(z.enum(facetNames)).min(1).optional(),
  sample: z.tuple([part, part]).optional(),
  seed: z.string().min(1).optional(),
  repeat: z.coerce.number().int().nonnegative().optional(),
  csv: z.boolean().default(false),
  excerpts: z.boolean().default(false),
  fold: z.boolean().default(false),
  limit: z.coerce.number().int().min(1).max(1_000_000).optional(),
  sort: z.enum(['date', 'relevance']).optional(),
  asOf: z.coerce.number().int().nonnegative().optional(),
});

type Input = z.infer<typeof schema>;

const pageSize = 1000;

export const searchCommand = archiveCommand<Input>({
  name: 'search',
  summary: 'Find messages',
  example: `muniment search 'subject:"quarterly report" AND from:alice date:2001-01..2001-06'`,
  creates: false,
  schema,
  hints: { asOf: asOfHint },
  configure: (program) =>
    program
      .argument(
        '[query...]',
        'words, "phrases", AND OR NOT, ( ), from: to: cc: bcc: participants: subject: body: filename: attachment: domain: custodian: mailbox: date: size: filetype: has: is: and more in services/search/QUERIES.md',
      )
      .option('--saved <name>', 'instead of a query: the saved search of that name')
      .option('--matter <matter>', 'id or name of the matter that has the saved search')
      .option('--count', 'only how many')
      .option('--facets <names>', `how many of each: ${facetNames.join(', ')}; several with commas`)
      .option('--sample <percent...>', 'a random sample: how sure it is to be, and its margin of error, as in 95% 5%')
      .option('--seed <text>', 'what the sample is drawn by (default: what was found)')
      .option('--repeat <search>', 'ask again what an earlier search asked, and compare what is found')
      .option('--excerpts', 'with some words around what was asked for, from each text that has it')
      .option('--fold', 'copies of one message as one hit: the one that was archived first')
      .option('--csv', 'hits as CSV (UTF-8 with a byte order mark)')
      .option('--limit <n>', 'how many hits to show (default: 20)')
      .option('--sort <order>', 'date or relevance (default: date)')
      .option('--as-of <sequence>', 'captures up to this sequence of the ledger, but for what was disposed of since'),
  input([words], { facets, sample, ...options }) {
    const [confidence, margin, ...others] = (sample ?? []) as string[];
    return {
      query: [...(words as string[]), ...others].join(' '),
      ...options,
      ...(typeof facets === 'string' && { facets: facets.split(',').map((name) => name.trim()) }),
      ...(sample !== undefined && { sample: [confidence, margin].map(partOf) }),
    };
  },
  async run({ searching, savedSearches }, typed, io) {
    refuseMixture(typed);
    const input = await withQuery(typed, savedSearches, io);
    const { query, asOf, facets, sample, seed } = input;
    if (input.repeat !== undefined) return printRepetition(await searching.repeat(input.repeat, 'cli', io.signal), io);
    for (const warning of searching.hints(query)) io.note(`Hint: ${warning}`);
    if (facets !== undefined) return printFacets(await searching.facets(query, facets, asOf, 'cli', io.signal), io);
    if (input.count) return showCount(searching, input, io);
    if (sample === undefined) return showHits(searching, input, io);
    const [confidence, margin] = sample;
    const drawn = await searching.sample({ query, asOf, seed, confidence, margin }, 'cli', io.signal);
    return printSample(drawn, new HitList(io, { ...input, timeZone: searching.timeZone }), io);
  },
});

/** What is asked under a name, where a name was given. It is shown: the answer is of this query, whatever the name is for later. */
async function withQuery(input: Input, savedSearches: SavedSearches, io: Io): Promise<Input> {
  const { matter, saved: name } = input;
  if (matter === undefined || name === undefined) return input;
  const { query } = await savedSearches.get(matter, name);
  io.note(`Asked: ${shown(query)}`);
  return { ...input, query };
}

/** `95%`, `95` or `0.95`. */
function partOf(text: string | undefined): number {
  const [, number = '', sign] = /^(\d+(?:\.\d+)?)(%?)$/u.exec(text ?? '') ?? [];
  if (number === '') {
    throw new AppFault('usage', '--sample takes two percentages: how sure it is to be, and its margin of error.', {
      remedy: 'For example: muniment search heron --sample 95% 5%',
    });
  }
  return sign === '%' || Number(number) >= 1 ? Number(number) / 100 : Number(number);
}

/** Each asks for another answer. @throws AppFault `usage` */
function refuseMixture(input: Input): void {
  const asked = [input.count, input.facets !== undefined, input.sample !== undefined, input.repeat !== undefined];
  const isOther = asked.includes(true);
  const isPaged = [input.limit !== undefined, input.sort !== undefined, input.fold].includes(true);
  const problems: readonly [boolean, string][] = [
    ...problemsOfQuery(input),
    [
      asked.filter(Boolean).length > 1,
      'only one of --count, --facets, --sample and --repeat can be asked for at a time',
    ],
    [input.excerpts && (isOther || input.csv), '--excerpts is for lists of hits that are no CSV'],
    [input.csv && isOther && input.sample === undefined, '--csv is for lists of messages'],
    [isPaged && isOther, '--limit, --sort and --fold are for lists of hits, and this answer is of all that is found'],
    [input.seed !== undefined && input.sample === undefined, '--seed belongs to --sample'],
  ];
  const [, problem] = problems.find(([holds]) => holds) ?? [];
  if (problem !== undefined) throw new AppFault('usage', `${problem}.`, { remedy: 'See muniment search --help.' });
}

/** What is asked is a query, a saved search, or an earlier search. */
function problemsOfQuery({ query, saved, matter, repeat }: Input): readonly [boolean, string][] {
  const isSaved = saved !== undefined;
  const isGiven = query !== '' || isSaved;
  return [
    [isSaved && query !== '', '--saved asks what was saved: it takes no query'],
    [isSaved !== (matter !== undefined), '--saved and --matter belong together: a saved search is in a matter'],
    [repeat !== undefined && isGiven, '--repeat asks what the earlier search asked: it takes no query'],
    [repeat === undefined && !isGiven, 'a query is missing, or a saved search (--saved and --matter)'],
  ];
}

async function showCount(searching: Searching, { query, asOf }: Input, io: Io): Promise<ExitCode> {
  const { total, set = null, ...answer } = await searching.count(query, asOf, 'cli', io.signal);
  io.result({ total, ...answer, set }, `${counted(total, 'message')}${coverage(answer)}`);
  return exitOf(answer);
}

/** Page after page, all as of the moment of the first. */
async function showHits(searching: Searching, input: Input, io: Io): Promise<ExitCode> {
  const { query, sort = 'date', limit = 20, excerpts, fold } = input;
  const list = new HitList(io, { ...input, timeZone: searching.timeZone });
  let { asOf } = input;
  let shownCount = 0;
  let after: string | undefined;
  let first: number | undefined;
  for (;;) {
    const order = { query, sort, limit: Math.min(limit - shownCount, pageSize), asOf, after, excerpts, fold };
    const page = await searching.search(order, 'cli', io.signal);
    await list.add(page.hits);
    shownCount += page.hits.length;
    first ??= page.search;
    if (page.next === undefined || shownCount >= limit || io.signal.aborted) {
      io.note(`${count(shownCount)} of ${extentOf(page)}${coverage({ ...page, search: first })}`);
      return exitOf(page);
    }
    ({ next: after, asOf } = page);
  }
}

function extentOf({ total, distinct }: FoundPage): string {
  const messages = counted(total, 'message');
  return distinct === undefined ? messages : `${counted(distinct, 'hit')}, which are ${messages} with all copies,`;
}
