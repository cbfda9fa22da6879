import { z } from 'zod';
import type { Deployment } from '../compose.ts';
import { archiveCommand } from './command.ts';
import { count, size } from './io.ts';

/** What `status` says, here and over HTTP. */
export async function statusOf({ ledger, catalog, index, archive, readOnly }: Deployment) {
  const { size: entries, root, epoch, origin } = ledger.head;
  const { messages, bytes, disposed } = catalog.messages.totals();
  const indexed = await index.position();
  return {
    entries,
    root,
    origin,
    epoch,
    messages: messages - disposed,
    disposed,
    sightings: catalog.sightings.count(),
    bytes,
    indexedThrough: indexed,
    complete: indexed >= entries,
    activeHolds: catalog.holds.active().length,
    retention: catalog.dispositions.schedule()?.period ?? null,
    lock: archive.capabilities.lock,
    readOnly,
  };
}

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
