import { z } from 'zod';
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
