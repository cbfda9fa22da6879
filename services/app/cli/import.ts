import { existsSync } from 'node:fs';
import { z } from 'zod';
import { messageOf } from '#kernel';
import { SourceFault, type Tally, treeBytes } from '#ingest';
import type { Deployment } from '../deployment.ts';
import { archiveCommand } from './command.ts';
import { ImportSummary, sentence } from './import-summary.ts';
import { count, type Io, shown, size } from './io.ts';
import { pathTyped } from './typed-path.ts';

const formats = ['auto', 'eml', 'maildir', 'mboxrd', 'mboxo'] as const;

const schema = z.strictObject({
  paths: z.array(z.string()).min(1),
  custodian: z.string().min(1).max(200).optional(),
  format: z.enum(formats),
});

type Input = z.infer<typeof schema>;

const namedFailures = 50;

export const importCommand = archiveCommand<Input>({
  name: 'import',
  summary: 'Archive mail from files: EML trees, Maildirs, mbox files',
  example: 'muniment import ./mail --custodian alice',
  creates: true,
  schema,
  configure: (program) =>
    program
      .argument('<path...>', 'files or folders')
      .option(
        '--custodian <id>',
        'whose mail it is (default: the first folder below the path; without one, the name of the path)',
      )
      .option('--format <format>', `how files are read: ${formats.join(', ')}`, 'auto'),
  input: ([paths], options) => ({
    paths: existing((paths as string[]).map((path) => pathTyped(path, '<path>'))),
    ...options,
  }),
  async run(deployment, input, io) {
    const summary = new ImportSummary();
    const { sum } = summary;
    let refused = 0;
    for (const path of input.paths) {
      const tally = await importPath(deployment, path, input, io);
      if (tally === undefined) refused += 1;
      else summary.add(tally);
    }
    summary.say(io, input.format);
    io.result({ ...sum, custodians: Object.fromEntries(summary.custodians) }, sentence(sum));
    return sum.failed + refused === 0 ? 0 : 1;
  },
});

/** Nothing is begun, not even an archive, where there is nothing to import. Some missing paths are named as the others go on. */
function existing(paths: readonly string[]): readonly string[] {
  if (paths.some((path) => existsSync(path))) return paths;
  throw new SourceFault('path-not-found', `There is no ${paths.join(', no ')}.`, {
    remedy: 'Check the path, and the permissions on the way to it.',
  });
}

/** Undefined when the path could not be imported at all, which has been said. */
async function importPath(deployment: Deployment, path: string, input: Input, io: Io): Promise<Tally | undefined> {
  const order = { path, format: input.format, custodian: input.custodian };
  let bytesTotal: number | undefined;
  const counting = new AbortController();
  void treeBytes(path, counting.signal).then((bytes) => (bytesTotal = bytes));
  try {
    const tally = await deployment.sources.import(order, 'cli', {
      signal: io.signal,
      onProgress: (now) => progress(now, io, bytesTotal),
    });
    nameFailures(tally, io);
    return tally;
  } catch (fault) {
    if (io.signal.aborted || input.paths.length === 1) throw fault;
    io.note(`muniment: ${messageOf(fault)}`);
    return undefined;
  } finally {
    counting.abort();
  }
}

/** @param bytesTotal of all that is to be read, once it is known */
export function progress(tally: Tally, io: Io, bytesTotal?: number): void {
  const { captured, alreadyArchived, bytes } = tally;
  io.progress({ what: 'Archived', done: captured + alreadyArchived, bytes, bytesTotal });
}

export function nameFailures(tally: Tally, io: Io): void {
  for (const { place, reason } of tally.failures.slice(0, namedFailures))
    io.note(`failed: ${shown(place)}: ${shown(reason)}`);
  if (tally.failures.length > namedFailures) {
    io.note(
      `… and ${count(tally.failures.length - namedFailures)} more failures; the collection's entry names up to 1,000`,
    );
  }
  for (const { path, why } of tally.ignoredFiles.slice(0, namedFailures))
    io.note(`ignored: ${shown(path)}: ${shown(why)}`);
  if (tally.ignoredFiles.length > namedFailures)
    io.note(`… and ${count(tally.ignoredFiles.length - namedFailures)} more ignored files`);
  if (tally.bytes > 0) io.note(`read ${size(tally.bytes)}`);
}
