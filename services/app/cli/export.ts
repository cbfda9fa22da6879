import { z } from 'zod';
import type { Worm } from '#catalog';
import { ExportFault, type ExportSummary } from '#export';
import { refuseInsideArchive } from '../outside-archive.ts';
import { archiveCommand, asOfHint } from './command.ts';
import { count, counted, size } from './io.ts';
import { pathTyped } from './typed-path.ts';

const schema = z.strictObject({
  query: z.string().min(1).optional(),
  matter: z.string().min(1).optional(),
  all: z.boolean().default(false),
  out: z.string().min(1),
  format: z.enum(['eml', 'mbox']).default('eml'),
  asOf: z.coerce.number().int().nonnegative().optional(),
});

type Input = z.infer<typeof schema>;

export const exportCommand = archiveCommand<Input>({
  name: 'export',
  summary: 'Write messages out, with everything a stranger needs to check them',
  example: `muniment export --query 'from:alice heron' --out ./heron.zip`,
  creates: false,
  schema,
  hints: {
    format: 'A zip is written where --out ends with .zip.',
    asOf: asOfHint,
  },
  configure: (program) =>
    program
      .option('--query <query>', 'what a search for it finds')
      .option('--matter <matter>', "what the matter's active holds match")
      .option('--all', 'everything')
      .requiredOption('--out <path>', 'a new or empty folder, or a new file ending in .zip')
      .option('--format <format>', 'eml or mbox', 'eml')
      .option('--as-of <sequence>', 'as the archive was at this sequence of the ledger'),
  input: (_args, options) => ({ ...options, out: pathTyped(options['out'], '--out') }),
  async run({ exporter, folder, searching, storageStanding }, input, io) {
    const { out, format, asOf } = input;
    refuseInsideArchive(out, out, folder);
    const warnings = input.query === undefined ? [] : searching.hints(input.query);
    for (const warning of warnings) io.note(`Hint: ${warning}`);
    const summary = await exporter.export({ selection: selectionOf(input), out, format, asOf }, 'cli', {
      signal: io.signal,
      onProgress: (progress) => io.progress({ what: 'Exported', ...progress }),
    });
    const lines = [
      `exported ${count(summary.exported)} of ${counted(summary.selected, 'message')} (${size(summary.bytes)}) as of sequence ${summary.asOf}`,
      ...unreadLines(summary),
      `to ${out}`,
      ...(summary.exceptions > 0 ? [`${counted(summary.exceptions, 'exception')}: see exceptions.jsonl`] : []),
      ...wormLines(summary.worm, storageStanding.current.worm),
      'check it by the five steps in its README.txt',
    ];
    io.result({ ...summary, warnings }, lines.join('\n'));
    if (summary.selected === 0) io.note('Nothing matched: the export is empty.');
    return summary.exceptions === 0 ? 0 : 1;
  },
});

/** Whoever receives it should know what is in it only because nobody could tell. */
function unreadLines({ unjudged, remarks }: ExportSummary): readonly string[] {
  const match = unjudged === 1 ? 'it matches' : 'they match';
  return [
    ...(unjudged > 0 ? [`${count(unjudged)} of them could not be read well enough to tell whether ${match}`] : []),
    ...(remarks > 0 ? [`${count(remarks)} of them could not be read in full: see exceptions.jsonl`] : []),
  ];
}

/** What is not called write-once, or not any more, is said. */
function wormLines(then: Worm, now: Worm): readonly string[] {
  if (then !== now) return [`write-once storage (WORM): ${then} then, which is what it says; ${now} now`];
  return then === 'sound' || then === 'none' ? [] : [`write-once storage (WORM): ${then}`];
}

function selectionOf({ query, matter, all }: Input) {
  const chosen = [query !== undefined, matter !== undefined, all].filter(Boolean).length;
  if (chosen !== 1) {
    throw new ExportFault('no-selection', 'An export needs exactly one of --query, --matter and --all.', {
      remedy: `For example: muniment export --query 'from:alice' --out ./alice`,
    });
  }
  if (query !== undefined) return { query };
  return matter === undefined ? { all: true as const } : { matter };
}
