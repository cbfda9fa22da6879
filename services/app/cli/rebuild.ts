import { rmSync } from 'node:fs';
import { z } from 'zod';
import type { Digest } from '#kernel';
import { workingFolder } from '../archive-folder.ts';
import type { Deployment } from '../deployment.ts';
import { AppFault } from '../app-fault.ts';
import { recoverStored } from '../settle.ts';
import { type ExitCode, folderCommand } from './command.ts';
import { count, counted, type Io } from './io.ts';

export const rebuildCommand = folderCommand<object>({
  name: 'rebuild',
  summary: 'Throw away catalog, search index and locator, and make them anew from archive and ledger alone',
  example: 'muniment rebuild',
  creates: false,
  schema: z.looseObject({}),
  configure: (program) => program,
  input: () => ({}),
  async run(config, _input, io, open) {
    rmSync(workingFolder(config).derived, { recursive: true, force: true });
    return open({ create: false }, (deployment) => rebuilt(deployment, io));
  },
  /** An index on Elasticsearch is rebuilt beside the one that is searched meanwhile. */
  async runOpen(deployment, _input, io) {
    if (deployment.config.search.kind === 'elasticsearch') return rebuilt(deployment, io);
    throw new AppFault('in-use', '"rebuild" needs the archive for itself, and another process has it open.', {
      remedy: 'Stop that process (`muniment serve`?) and run the command again.',
    });
  },
});

async function rebuilt(deployment: Deployment, io: Io): Promise<ExitCode> {
  const { catalog, ledger } = deployment;
  if (!deployment.isShared) await recoverStored(deployment, (note) => io.note(note));
  const damaged = await indexedAnew(deployment, io);
  const { messages, disposed } = catalog.messages.totals();
  const kept = messages - disposed;
  const entries = ledger.head.size;
  for (const digest of damaged) io.note(`damaged: ${digest} cannot be read, so that no search finds its words`);
  const text = `rebuilt from ${counted(entries, 'entry', 'entries')}: ${counted(kept, 'message')}`;
  const but = `, of which ${count(damaged.length)} are damaged: every hold on words covers them`;
  io.result({ messages: kept, entries, damaged }, damaged.length === 0 ? text : text + but);
  return damaged.length === 0 ? 0 : 1;
}

async function indexedAnew(deployment: Deployment, io: Io): Promise<readonly Digest[]> {
  const { config, indexing, recorder } = deployment;
  if (config.search.kind === 'elasticsearch') {
    const onProgress = (done: number, total: number) => io.progress({ what: 'Indexed entries', done, total });
    const { rebuildSharedIndex } = await import('../rebuild-shared-index.ts');
    return await rebuildSharedIndex(deployment, config.search, { signal: io.signal, onProgress });
  }
  await recorder.catchUp();
  return indexing.damaged;
}
