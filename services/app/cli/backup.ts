import { z } from 'zod';
import type { BackupReport } from '#backup';
import { backUp } from '../back-up.ts';
import { archiveCommand } from './command.ts';
import { count, counted, size } from './io.ts';
import { folderTyped } from './typed-path.ts';

const schema = z.strictObject({ to: z.string().min(1), full: z.boolean().default(false) });

const phases = {
  messages: 'Copied messages',
  'read-back': 'Read back',
  ledger: 'Copied entries',
  check: 'Checked entries',
} as const;

export const backupCommand = archiveCommand<z.infer<typeof schema>>({
  name: 'backup',
  summary: 'Copy what a backup lacks, and read it back',
  example: 'muniment backup --to file:/mnt/backup/archive',
  creates: false,
  schema,
  configure: (program) =>
    program
      .requiredOption('--to <url>', 'file: URL of the backup folder')
      .option('--full', 'go over all of it again, reading every byte'),
  input: (_args, options) => ({ ...options, to: folderTyped(options['to'], '--to') }),
  async run(deployment, input, io) {
    const report = await backUp(deployment, input.to, {
      actor: 'cli',
      signal: io.signal,
      verify: input.full ? 'full' : 'incremental',
      onProgress: ({ phase, done, total, bytes }) => io.progress({ what: phases[phase], done, total, bytes }),
    });
    const { copiedMessages, copiedBytes, messages, bytes, size: entries, root, disposals } = report;
    const lost = lostLine(report);
    if (lost !== undefined) io.note(lost);
    const lines = [
      `copied ${counted(copiedMessages, 'message')} (${size(copiedBytes)}) to ${input.to}`,
      `the backup holds ${counted(messages, 'message')} (${size(bytes)}) and ${counted(entries, 'ledger entry', 'ledger entries')}`,
      ...(disposals > 0 ? [`disposals carried out there: ${count(disposals)}`] : []),
      `root ${root}`,
    ];
    io.result(report, lines.join('\n'));
    return 0;
  },
});

/** What is no reason to fail, and a reason to look at the disk. */
function lostLine({ lostMessages, lostBatches }: BackupReport): string | undefined {
  if (lostMessages + lostBatches === 0) return undefined;
  const what = [
    ...(lostMessages > 0 ? [counted(lostMessages, 'message')] : []),
    ...(lostBatches > 0 ? [counted(lostBatches, 'ledger batch', 'ledger batches')] : []),
  ];
  return `The backup lacked ${what.join(' and ')} of earlier runs, copied again now: check its disk, and run it with --full.`;
}
