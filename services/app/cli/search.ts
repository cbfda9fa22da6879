import { z } from 'zod';
import type { FoundHit, Reading } from '#reading';
import { queryWarnings } from '#search';
import { archiveCommand, type ExitCode } from './command.ts';
import { count, counted, type Io, shown } from './io.ts';

const schema = z.strictObject({
  query: z.string(),
  count: z.boolean().default(false),
  limit: z.coerce.number().int().min(1).max(1_000_000).default(20),
  sort: z.enum(['date', 'relevance']).default('date'),
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
  configure: (program) =>
    program
      .argument(
        '<query...>',
        'words, "phrases", AND OR NOT, ( ), from: to: cc: bcc: participants: subject: body: filename: attachment: custodian: mailbox: date: size: has:attachment',
      )
      .option('--count', 'only how many')
      .option('--limit <n>', 'how many hits to show', '20')
      .option('--sort <order>', 'date or relevance', 'date')
      .option('--as-of <sequence>', 'captures up to this sequence of the ledger, but for what was disposed of since'),
  input: ([words], options) => ({ query: (words as string[]).join(' '), ...options }),
  async run({ reading }, input, io) {
    for (const warning of queryWarnings(input.query)) io.note(`Hint: ${warning}`);
    if (!input.count) return showHits(reading, input, io);
    const { total, asOf, complete } = await reading.count(input.query, input.asOf, 'cli');
    const partial = complete ? '' : ' (incomplete)';
    io.result({ total, asOf, complete }, `${counted(total, 'message')} as of sequence ${asOf}${partial}`);
    return complete ? 0 : 1;
  },
});

/** Page after page, all as of the moment of the first. */
async function showHits(reading: Reading, input: Input, io: Io): Promise<ExitCode> {
  const { query, sort, limit } = input;
  let { asOf } = input;
  let shownCount = 0;
  let after: string | undefined;
  for (;;) {
    const page = await reading.search(
      { query, sort, limit: Math.min(limit - shownCount, pageSize), asOf, after },
      'cli',
    );
    for (const hit of page.hits) io.result(hitJson(hit), hitLine(hit));
    await io.taken();
    shownCount += page.hits.length;
    if (page.next === undefined || shownCount >= limit || io.signal.aborted) {
      const partial = page.complete ? '' : ' (incomplete: the index has not reached it)';
      io.note(`${count(shownCount)} of ${counted(page.total, 'message')} as of sequence ${page.asOf}${partial}`);
      return page.complete ? 0 : 1;
    }
    ({ next: after, asOf } = page);
  }
}

export function hitJson(hit: FoundHit): object {
  const { subject, from, to, date, size, attachments, flags } = hit.display;
  return {
    digest: hit.digest,
    sequence: hit.sequence,
    date: date === null ? null : isoOf(date),
    from,
    to,
    subject,
    custodians: hit.custodians,
    size,
    attachments,
    flags,
  };
}

function hitLine(hit: FoundHit): string {
  const { subject, from, date, attachments } = hit.display;
  const day = date === null ? '(no date)   ' : (isoOf(date) ?? '(no date)').slice(0, 16).replace('T', ' ');
  const clip = attachments.length > 0 ? ` [${attachments.length} attached]` : '';
  return `${hit.digest.slice(0, 12)}  ${day}  ${shown(from[0] ?? '(no sender)')}  ${shown(subject) || '(no subject)'}${clip}`;
}

/** ISO 8601; years beyond 9999 have a sign and six digits. Null where the instant has no such form. */
export function isoOf(milliseconds: number): string | null {
  return Math.abs(milliseconds) > 8.64e15 ? null : new Date(milliseconds).toISOString();
}
