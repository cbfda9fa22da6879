import { z } from 'zod';
import { restore } from '#backup';
import { systemClock } from '#kernel';
import { adopt } from '../adopt.ts';
import { AppFault } from '../app-fault.ts';
import { archiveFolder, workingFolder } from '../archive-folder.ts';
import { openBackupFolder, requireBackup } from '../backup-folder.ts';
import { openStores } from '../open-stores.ts';
import { refuseInsideArchive } from '../outside-archive.ts';
import type { Config } from '../config.ts';
import { readRestoredMarker, writeRestoredMarker } from '../restored-marker.ts';
import { folderOf } from '../store-urls.ts';
import { type ExitCode, folderCommand } from './command.ts';
import { counted, type Io, size } from './io.ts';
import { folderTyped } from './typed-path.ts';

const schema = z.strictObject({
  from: z.string().min(1).optional(),
  adopt: z.boolean().default(false),
  reason: z.string().min(1).max(10_000).optional(),
  retireKey: z.boolean().default(false),
});

type Input = z.infer<typeof schema>;

export const restoreCommand = folderCommand<Input>({
  name: 'restore',
  summary: 'Restore a backup into an empty archive, read-only until it is adopted',
  example: `muniment restore --from file:/mnt/backup/archive --archive file:./restored`,
  creates: true,
  schema,
  configure: (program) =>
    program
      .option('--from <url>', 'file: URL of the backup folder')
      .option('--adopt', 'continue the restored archive as a new epoch')
      .option('--reason <text>', 'why, for the ledger; needed with --adopt')
      .option('--retire-key', 'with --adopt: put a key aside that lies in SECRETS_DIR and was used before'),
  input: (_args, options) => ({
    ...options,
    ...(typeof options['from'] === 'string' && { from: folderTyped(options['from'], '--from') }),
  }),
  check(config, { adopt: adopting, from, reason }) {
    if (adopting === (from !== undefined)) throw usage('Give either --from or --adopt.');
    if (adopting && reason === undefined) throw usage('--adopt needs --reason.');
    if (from === undefined) return;
    const { root } = workingFolder(config);
    const backup = archiveFolder(folderOf(from, '--from'));
    if (config.archive.kind === 'folder') refuseInsideArchive(root, root, backup, 'backup');
    requireBackup(backup, '--from');
  },
  async run(config, { from, reason = '', retireKey }, io) {
    if (from !== undefined) return restoreFrom(config, from, io);
    const { epoch, origin } = await adopt(config, { reason, retireKey });
    io.result({ epoch, origin }, `adopted as epoch ${epoch}; its checkpoints have the origin ${origin}`);
    return 0;
  },
});

async function restoreFrom(config: Config, from: string, io: Io): Promise<ExitCode> {
  const folder = workingFolder(config);
  const clock = systemClock;
  await using backup = await openBackupFolder(from, clock, { create: false, name: '--from' });
  await using stores = await openStores(config.archive, folder, clock);
  const { archive, ledgerStore } = stores;
  const marker = readRestoredMarker(folder);
  if (marker === undefined && (await ledgerStore.newest()) !== undefined) {
    throw new AppFault('archive-exists', `There is an archive in ${folder.root} already.`, {
      remedy: 'Restore into an empty or new folder: name it with --archive.',
    });
  }
  const resume = marker?.from === from;
  if (marker === undefined || resume) writeRestoredMarker(folder, { from, state: 'copying' });
  const into = { archive, ledgerStore };
  const onProgress = (progress: { done: number; total: number | undefined; bytes: number }) =>
    io.progress({ what: 'Restored', done: progress.done, total: progress.total, bytes: progress.bytes });
  const report = await restore(backup, into, { clock, resume, signal: io.signal, onProgress, scratch: folder.spool });
  writeRestoredMarker(folder, { from, state: 'complete' });
  const { size: entries, root, messages, bytes, missing, unrecorded } = report;
  for (const digest of missing) io.note(`missing: the backup could not give ${digest}`);
  if (unrecorded > 0) io.note(unrecordedLine(unrecorded));
  const lines = [
    `restored ${counted(messages, 'message')} (${size(bytes)}) and ${counted(entries, 'ledger entry', 'ledger entries')}`,
    `root ${root}`,
    `It is read-only. Continue it as a new epoch with: muniment restore --adopt --reason TEXT --archive file:${folder.root}`,
  ];
  io.result({ messages, bytes, entries, root, missing, unrecorded }, lines.join('\n'));
  return missing.length + unrecorded === 0 ? 0 : 1;
}

function unrecordedLine(unrecorded: number): string {
  return (
    `not complete: the backup was cut off, and its ledger does not name ${counted(unrecorded, 'message')} of these. ` +
    'Adopting the archive records them, without where they came from; restore a complete backup if there is one.'
  );
}

function usage(message: string): AppFault {
  return new AppFault('usage', message, { remedy: 'See `muniment restore --help`.' });
}
