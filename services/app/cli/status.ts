import { z } from 'zod';
import { statusOf } from '../status.ts';
import { archiveCommand } from './command.ts';
import { count, size } from './io.ts';

export const statusCommand = archiveCommand<object>({
  name: 'status',
  summary: 'Say what the archive holds and how far its index is',
  example: 'muniment status --json',
  creates: false,
  readOnly: true,
  schema: z.looseObject({}),
  configure: (program) => program,
  input: () => ({}),
  async run(deployment, _input, io) {
    const status = await statusOf(deployment);
    const lines = [
      `messages   ${count(status.messages)} (${size(status.bytes)}), ${count(status.sightings)} sightings, ${count(status.disposed)} disposed of`,
      `ledger     ${count(status.entries)} entries, epoch ${status.epoch}, root ${status.root}`,
      `index      ${status.complete ? 'complete' : `through sequence ${status.indexedThrough}`}`,
      `holds      ${status.activeHolds} active; default retention ${status.retention ?? 'none'}`,
      `storage    lock kept by ${status.lock === 'application' ? 'this program (no WORM storage)' : status.lock}`,
      ...(status.readOnly
        ? ['state      restored, read-only: adopt it with `muniment restore --adopt --reason TEXT`']
        : []),
    ];
    io.result(status, lines.join('\n'));
    return 0;
  },
});
