import { z } from 'zod';
import type { TermReport } from '#reading';
import { archiveCommand, asOfHint } from './command.ts';
import { csvBytes, type CsvRecord } from './csv.ts';
import { count, counted, type Io, shown } from './io.ts';
import { isoOf } from './moment.ts';
import { fileTyped } from './typed-path.ts';

const schema = z.strictObject({
  terms: z.array(z.string()),
  comments: z.int(),
  csv: z.boolean().default(false),
  asOf: z.coerce.number().int().nonnegative().optional(),
});

export const termsCommand = archiveCommand<z.infer<typeof schema>>({
  name: 'terms',
  summary: 'Report what each of many search terms finds, and what it finds alone',
  example: 'muniment terms ./terms.txt --csv > report.csv',
  creates: false,
  schema,
  hints: { asOf: asOfHint },
  configure: (program) =>
    program
      .argument('<file>', 'one query on each line; empty lines and those that begin with # are passed over')
      .option('--csv', 'as CSV (UTF-8 with a byte order mark), with a column for each custodian')
      .option('--as-of <sequence>', 'captures up to this sequence of the ledger, but for what was disposed of since'),
  input: ([file], options) => ({ ...termsIn(fileTyped(file, 'FILE', 'search terms')), ...options }),
  async run({ searching }, { terms, comments, csv, asOf }, io) {
    const onProgress = (done: number) => io.progress({ what: 'Searched', done, total: terms.length });
    const report = await searching.terms(terms, asOf, 'cli', onProgress, io.signal);
    for (const term of terms) for (const warning of searching.hints(term)) io.note(`Hint: ${warning}`);
    if (csv) await io.bytes(csvBytes(recordsOf(report), true));
    else printReport(report, io);
    const partial = report.complete ? '' : ' (incomplete: the index has not reached it)';
    io.note(
      `${counted(report.messages, 'message')} by ${counted(terms.length, 'term')} as of sequence ${report.asOf}${partial}`,
    );
    if (comments > 0)
      io.note(`${counted(comments, 'line')} that begin with # passed over; put a term that does in quotation marks.`);
    return report.complete ? 0 : 1;
  },
});

function termsIn(text: string): { readonly terms: readonly string[]; readonly comments: number } {
  const lines = text.replace(/^\ufeff/u, '').split(/\r\n|\n|\r/u);
  const filled = lines.map((line) => line.trim()).filter((line) => line !== '');
  const terms = filled.filter((line) => !line.startsWith('#'));
  return { terms, comments: filled.length - terms.length };
}

function printReport({ terms, messages, asOf, complete }: TermReport, io: Io): void {
  if (!io.json) io.result({}, row('messages', 'alone', 'first', 'last', 'term'));
  for (const hits of terms) {
    const { term, messages: found, unique } = hits;
    const [first, last] = [momentOf(hits.first), momentOf(hits.last)];
    const value = { term, messages: found, unique, first, last, custodians: Object.fromEntries(hits.custodians) };
    io.result(value, row(count(found), count(unique), dayOf(hits.first), dayOf(hits.last), shown(term)));
  }
  io.result({ total: messages, asOf, complete }, '');
}

function row(messages: string, unique: string, first: string, last: string, term: string): string {
  return `${messages.padStart(10)} ${unique.padStart(10)}  ${first.padEnd(10)}  ${last.padEnd(10)}  ${term}`;
}

function momentOf(date: number | null): string | null {
  return date === null ? null : isoOf(date);
}

function dayOf(date: number | null): string {
  return momentOf(date)?.slice(0, 10) ?? '-';
}

function recordsOf({ terms, messages }: TermReport): readonly CsvRecord[] {
  const custodians = [...new Set(terms.flatMap((hits) => [...hits.custodians.keys()]))].sort();
  const records = terms.map(({ term, messages: found, unique, first, last, custodians: shares }) => {
    return [term, found, unique, momentOf(first), momentOf(last), ...custodians.map((id) => shares.get(id) ?? 0)];
  });
  const head = ['term', 'messages', 'unique', 'first', 'last', ...custodians];
  const total = ['(all terms together)', messages, null, null, null, ...custodians.map(() => null)];
  return [head, ...records, total];
}
