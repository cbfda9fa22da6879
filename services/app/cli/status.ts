import { z } from 'zod';
import type { Status } from '#api';
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
      `key        ${status.verifierKey}`,
      `index      ${indexText(status)}`,
      `holds      ${status.activeHolds} active; default retention ${status.retention ?? 'none'}${promised(status)}`,
      `storage    ${storageText(status)}`,
      ...(status.readOnly
        ? ['state      restored, read-only: adopt it with `muniment restore --adopt --reason TEXT`']
        : []),
    ];
    io.result(status, lines.join('\n'));
    return 0;
  },
});

function indexText({ complete, indexedThrough, indexTrouble }: Status): string {
  const why = indexTrouble === null ? '' : `: ${indexTrouble.message} ${indexTrouble.remedy}`;
  if (indexedThrough === null) return `cannot be asked${why}`;
  if (complete) return 'complete';
  return `through sequence ${indexedThrough}${why === '' ? '' : `; cannot be brought up${why}`}`;
}

function promised({ promisedUntil }: Status): string {
  return promisedUntil === null ? '' : `; promised until ${promisedUntil} at the longest`;
}

function storageText({ lock, worm: { standing, since, provenAt, failed } }: Status): string {
  const proven = `proven last at ${provenAt ?? 'no time'}`;
  switch (standing) {
    case 'none':
      return 'lock kept by this program (no WORM storage)';
    case 'never-examined':
      return `${lock}; not called WORM: nobody has tried yet whether it locks`;
    case 'sound':
      return `${lock}; WORM: ${proven}`;
    case 'lapsed':
      return `${lock}; not called WORM: ${proven}, which is too long ago`;
    case 'withdrawn': {
      const from = since === null ? '' : ` since sequence ${since}`;
      return `${lock}; NOT WORM${from}: ${failed.map(({ probe, answer }) => `${probe}: ${answer}`).join('; ')}`;
    }
  }
}
