import { z } from 'zod';
import { messageOf } from '#kernel';
import type { SourceRecord } from '#catalog';
import { SourceFault, type Tally, type WatchableSource } from '#ingest';
import type { Deployment } from '../deployment.ts';
import { archiveCommand } from './command.ts';
import { sentence } from './import-summary.ts';
import { nameFailures, progress } from './import.ts';
import { type Io, shown } from './io.ts';

const schema = z.strictObject({ name: z.string().optional(), watch: z.boolean().default(false) });

export const collectCommand = archiveCommand<z.infer<typeof schema>>({
  name: 'collect',
  summary: 'Collect what is new from one source, or from all',
  example: 'muniment collect alice --watch',
  creates: false,
  schema,
  configure: (program) =>
    program.argument('[name]', 'a source; all when absent').option('--watch', 'go on until interrupted'),
  input: ([name], options) => ({ name, ...options }),
  async run(deployment, input, io) {
    const { sources } = deployment;
    const chosen = input.name === undefined ? sources.imapSources() : [sources.get(input.name)];
    if (chosen.length === 0) {
      throw new SourceFault('unknown-source', 'There is no source to collect from.', {
        remedy: 'Add one with `muniment sources add imap`.',
      });
    }
    const runs = chosen.map((source) => collectOne(deployment, source, input.watch, io));
    const whole = await Promise.all(runs);
    return whole.every(Boolean) ? 0 : 1;
  },
});

/** Whether everything that was found is archived. */
async function collectOne(deployment: Deployment, source: SourceRecord, watch: boolean, io: Io): Promise<boolean> {
  try {
    const opened = deployment.sources.open(source);
    const whole = await runOnce(deployment, source, opened, io);
    if (!watch) return whole;
    for await (const _ of opened.changes(io.signal)) await runOnce(deployment, source, opened, io);
    return whole;
  } catch (thrown) {
    if (watch && io.signal.aborted) return true;
    const fault = thrown instanceof SourceFault ? thrown : undefined;
    io.result({ source: source.name, error: fault?.code ?? 'failed', message: messageOf(thrown) }, '');
    io.note(`muniment: ${shown(source.name)}: ${messageOf(thrown)}`);
    if (fault !== undefined) io.note(`  ${fault.remedy}`);
    return false;
  }
}

async function runOnce(
  deployment: Deployment,
  source: SourceRecord,
  opened: WatchableSource,
  io: Io,
): Promise<boolean> {
  const options = { signal: io.signal, onProgress: (tally: Tally) => progress(tally, io) };
  const tally = await deployment.sources.collect(source, opened, options);
  nameFailures(tally, io);
  const { found, captured, alreadyArchived, failed, ignored } = tally;
  const sum = { found, captured, alreadyArchived, failed, ignored };
  io.result({ source: source.name, ...sum }, `${shown(source.name)}: ${sentence(sum)}`);
  return failed === 0;
}
