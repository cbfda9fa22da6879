import { rmSync } from 'node:fs';
import { z } from 'zod';
import { archiveFolder } from '../archive-folder.ts';
import { folderCommand } from './command.ts';
import { count } from './io.ts';

export const rebuildCommand = folderCommand<object>({
  name: 'rebuild',
  summary: 'Throw away catalog, search index and locator, and make them anew from archive and ledger alone',
  example: 'muniment rebuild',
  creates: false,
  schema: z.looseObject({}),
  configure: (program) => program,
  input: () => ({}),
  async run(config, _input, io, open) {
    rmSync(archiveFolder(config.archiveFolder).derived, { recursive: true, force: true });
    const { messages, disposed, entries } = await open({ create: false }, (deployment) =>
      Promise.resolve({ ...deployment.catalog.messages.totals(), entries: deployment.ledger.head.size }),
    );
    io.result(
      { messages: messages - disposed, entries },
      `rebuilt from ${count(entries)} entries: ${count(messages - disposed)} messages`,
    );
    return 0;
  },
});
