import { type Fault, stopwatch } from '#kernel';
import { AppFault } from '../app-fault.ts';
import { type ArchiveFolder, workingFolder, isArchive, prepareFolder } from '../archive-folder.ts';
import { ArchiveLock } from '../archive-lock.ts';
import { openDeployment } from '../compose.ts';
import type { Deployment } from '../deployment.ts';
import type { Config } from '../config.ts';
import { runThere } from '../control/control-client.ts';
import { ControlServer } from '../control/control-server.ts';
import type { ControlRequest } from '../control/protocol.ts';
import { socketPath } from '../control/socket-path.ts';
import type { AnyCommand, ArchiveCommand, ExitCode, OpenArchive } from './command.ts';
import type { Io } from './io.ts';
import { faultOf, inputFault } from './problem.ts';

const waitMs = 100;
/** A process that opens a large archive catches up first; one that closes it ends what it does for others. */
const patienceMs = 60_000;
const noteAfterMs = 5000;

/**
 * Runs one command: here, when this process gets the archive's lock, and then it serves other commands through the
 * socket as long as it runs; else in the process that has it.
 */
export async function execute(
  commands: readonly AnyCommand[],
  order: { readonly command: AnyCommand; readonly input: unknown },
  config: Config,
  io: Io,
): Promise<number> {
  const { command, input } = order;
  const checked = checkedInput(command, input);
  const folder = workingFolder(config);
  if (!isArchive(folder) && !mayBegin(command)) throw noArchive(folder);
  if (command.on === 'folder') command.check?.(config, checked);
  prepareFolder(folder);
  const waited = stopwatch();
  for (let isNoted = false; waited() < patienceMs;) {
    const lock = ArchiveLock.tryTake(folder.lockFile);
    if (lock !== undefined) {
      using _lock = lock;
      return await runHere(commands, { command, input: checked }, config, io);
    }
    const request = { command: command.name, input: checked, json: io.json };
    const code = await runThere(socketPath(folder), request, io);
    if (code !== undefined) return code;
    // It is just opening or closing: try both again.
    if (!isNoted && waited() > noteAfterMs)
      io.note('Another process is opening or closing the archive: waiting for it.');
    isNoted = waited() > noteAfterMs;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    io.signal.throwIfAborted();
  }
  throw new AppFault('in-use', `Another process has the archive in ${folder.root} open and does not answer.`, {
    remedy: 'It may still be opening a large archive: try again, or stop it.',
  });
}

async function runHere(
  commands: readonly AnyCommand[],
  { command, input }: { readonly command: AnyCommand; readonly input: never },
  config: Config,
  io: Io,
): Promise<ExitCode> {
  const open = openerOf(commands, config, io);
  if (command.on === 'folder') return command.run(config, input, io, open);
  return open({ create: command.creates }, (deployment) => runOn(deployment, command, input, io));
}

function openerOf(commands: readonly AnyCommand[], config: Config, io: Io): OpenArchive {
  return async (options, use) => {
    const onProgress = (done: number, total: number) => io.progress({ what: 'Catching up', done, total });
    const onTrouble = ({ message }: Fault) => io.note(`note: ${message}`);
    await using deployment = await openDeployment(config, { onTrouble, ...options, onProgress });
    for (const note of deployment.notes) io.note(`note: ${note}`);
    await using control = await ControlServer.open(socketPath(deployment.folder), (request, other) =>
      answer(commands, deployment, request, other),
    );
    // Who stops this process stops what it does for others as well; they are told.
    io.signal.addEventListener('abort', () => control.abort(), { once: true });
    io.signal.throwIfAborted();
    const result = await use(deployment);
    await control.drain();
    return result;
  };
}

/** A command that another process sent here. */
async function answer(
  commands: readonly AnyCommand[],
  deployment: Deployment,
  { command: name, input }: ControlRequest,
  io: Io,
): Promise<number> {
  try {
    const command = commands.find((one) => one.name === name);
    if (command === undefined)
      throw new AppFault('usage', `There is no command "${name}".`, { remedy: 'Use the same version.' });
    const checked = checkedInput(command, input);
    if (command.on === 'archive') return await runOn(deployment, command, checked, io);
    if (command.runOpen !== undefined) return await command.runOpen(deployment, checked, io);
    throw new AppFault('in-use', `"${name}" needs the archive for itself, and another process has it open.`, {
      remedy: 'Stop that process (`muniment serve`?) and run the command again.',
    });
  } catch (thrown) {
    return faultOf(thrown, io);
  }
}

function runOn(deployment: Deployment, command: ArchiveCommand<never>, input: never, io: Io): Promise<ExitCode> {
  if (deployment.readOnly && !command.readOnly) {
    throw new AppFault('read-only', 'This archive was restored from a backup and is read-only.', {
      remedy: `Continue it as a new epoch: muniment restore --adopt --reason TEXT --archive file:${deployment.folder.root}`,
    });
  }
  return command.run(deployment, input, io);
}

function checkedInput(command: AnyCommand, input: unknown): never {
  const checked = command.schema.safeParse(input);
  if (!checked.success) throw inputFault(command, input, checked.error);
  return checked.data;
}

function mayBegin(command: AnyCommand): boolean {
  return command.creates;
}

function noArchive(folder: ArchiveFolder): AppFault {
  return new AppFault('no-archive', `There is no archive in ${folder.root}.`, {
    remedy: 'Begin one by importing something (`muniment import PATH`), or name another with --archive or ARCHIVE_URL.',
  });
}
