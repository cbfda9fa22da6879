import { z } from 'zod';
import type { MatterRecord } from '#catalog';
import { archiveCommand } from './command.ts';
import { ofThemUnjudged, placedLine } from './hold.ts';
import { counted, shown } from './io.ts';
import { isoOf } from './moment.ts';

function matterJson({ id, name, description, createdAt }: MatterRecord): object {
  return { id, name, description, createdAt: isoOf(createdAt) };
}

const creation = z.strictObject({ name: z.string().min(1).max(200), description: z.string().max(10_000).default('') });

export const matterCreate = archiveCommand<z.infer<typeof creation>>({
  name: 'matter create',
  summary: 'Open a matter: a legal case or investigation',
  example: `muniment matter create 'Bridge inspection' --description 'Altered report'`,
  creates: true,
  schema: creation,
  configure: (program) => program.argument('<name>').option('--description <text>'),
  input: ([name], options) => ({ name, ...options }),
  async run({ matters }, input, io) {
    const matter = await matters.create(input, 'cli');
    io.result(matterJson(matter), `${matter.id}  ${shown(matter.name)}`);
    return 0;
  },
});

export const matterList = archiveCommand<object>({
  name: 'matter list',
  summary: 'List matters',
  example: 'muniment matter list --json',
  creates: false,
  readOnly: true,
  schema: z.looseObject({}),
  configure: (program) => program,
  input: () => ({}),
  async run({ matters }, _input, io) {
    const all = matters.list();
    for (const matter of all) io.result(matterJson(matter), `${matter.id}  ${shown(matter.name)}`);
    if (all.length === 0) io.note('There is no matter yet.');
    return 0;
  },
});

const naming = z.strictObject({ matter: z.string() });

export const matterShow = archiveCommand<z.infer<typeof naming>>({
  name: 'matter show',
  summary: 'Show a matter and its holds',
  example: `muniment matter show 'Bridge inspection'`,
  creates: false,
  readOnly: true,
  schema: naming,
  configure: (program) => program.argument('<matter>', 'id or name'),
  input: ([matter]) => ({ matter }),
  async run({ matters, holds }, input, io) {
    const matter = matters.get(input.matter);
    const own = await holds.listJudged((hold) => hold.matter === matter.id);
    const lines = own.map(({ hold, messages, unjudged }) => {
      const held = `${counted(messages, 'message')} held${ofThemUnjudged(unjudged)}`;
      const state = hold.releasedAt === null ? held : `released ${isoOf(hold.releasedAt) ?? ''}`;
      return `  ${hold.id}  ${shown(hold.query)}  (${state})\n    ${placedLine(hold)}`;
    });
    const json = own.map(({ hold, messages, unjudged }) => ({ ...hold, messages, unjudged }));
    io.result(
      { ...matterJson(matter), holds: json },
      [`${matter.id}  ${shown(matter.name)}`, shown(matter.description), ...lines]
        .filter((line) => line !== '')
        .join('\n'),
    );
    return 0;
  },
});
