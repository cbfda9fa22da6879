import { z } from 'zod';
import type { HoldRecord } from '#catalog';
import { unsweptWarnings } from '#matters';
import { archiveCommand } from './command.ts';
import { count, counted, shown } from './io.ts';
import { isoOf } from './moment.ts';

/** @param unjudged of the messages, those that could not be read well enough to tell; null: not known */
function holdJson(hold: HoldRecord, messages: number, unjudged: number | null): object {
  const { id, matter, query, reason, placedAt, releasedAt, swept } = hold;
  const released = releasedAt === null ? null : isoOf(releasedAt);
  return { id, matter, query, reason, placedAt: isoOf(placedAt), releasedAt: released, swept, messages, unjudged };
}

function holdLine(hold: HoldRecord, messages: number, unjudged: number | null = null): string {
  const soFar = hold.swept ? '' : ' so far, what is archived is not all marked';
  const held = `holds ${counted(messages, 'message')}${ofThemUnjudged(unjudged)}${soFar}`;
  const state = hold.releasedAt === null ? held : `released ${isoOf(hold.releasedAt) ?? ''}`;
  return `${hold.id}  ${hold.matter}  ${shown(hold.query)}  ${state}`;
}

/** When a hold was placed, and why. */
export function placedLine({ placedAt, reason }: HoldRecord): string {
  return `placed ${isoOf(placedAt) ?? ''}: ${shown(reason)}`;
}

/** Beside the number of messages that a hold is on. */
export function ofThemUnjudged(unjudged: number | null): string {
  return unjudged === null || unjudged === 0 ? '' : `, of them ${count(unjudged)} could not be judged`;
}

const nothingMatches = 'Nothing that is archived matches. What arrives later and matches will be held.';

const placing = z.strictObject({ matter: z.string(), query: z.string().min(1), reason: z.string().min(1).max(10_000) });

export const holdPlace = archiveCommand<z.infer<typeof placing>>({
  name: 'hold place',
  summary: 'Forbid the disposal of everything that matches a query, archived or still to come',
  example: `muniment hold place --matter 'Bridge inspection' --query 'custodian:alice heron' --reason 'Letter of 3 May'`,
  creates: false,
  schema: placing,
  configure: (program) =>
    program
      .requiredOption('--matter <matter>', 'id or name')
      .requiredOption('--query <query>', 'what is held; "*" for everything')
      .requiredOption('--reason <text>', 'why'),
  input: (_args, options) => options,
  async run({ holds, searching }, input, io) {
    const { hold, messages, matching, unswept } = await holds.place(input, 'cli');
    const unjudged = matching === null ? null : messages - matching;
    const warnings = [
      ...searching.hints(input.query),
      ...(matching === 0 ? [nothingMatches] : []),
      ...unsweptWarnings(unswept),
    ];
    io.result({ ...holdJson(hold, messages, unjudged), matching, warnings }, holdLine(hold, messages));
    if (unjudged !== null && unjudged > 0)
      io.note(`Of them, ${count(unjudged)} could not be read well enough to tell.`);
    for (const warning of warnings) io.note(`Warning: ${warning}`);
    return unswept === undefined ? 0 : 1;
  },
});

export const holdList = archiveCommand<object>({
  name: 'hold list',
  summary: 'List legal holds',
  example: 'muniment hold list',
  creates: false,
  readOnly: true,
  schema: z.looseObject({}),
  configure: (program) => program,
  input: () => ({}),
  async run({ holds }, _input, io) {
    const all = await holds.listJudged();
    for (const { hold, messages, unjudged } of all) {
      io.result(holdJson(hold, messages, unjudged), `${holdLine(hold, messages, unjudged)}\n  ${placedLine(hold)}`);
    }
    if (all.length === 0) io.note('There is no legal hold.');
    return 0;
  },
});

const releasing = z.strictObject({ hold: z.string(), reason: z.string().min(1).max(10_000) });

export const holdRelease = archiveCommand<z.infer<typeof releasing>>({
  name: 'hold release',
  summary: 'Lift a legal hold',
  example: `muniment hold release hold-7f3a90c21b --reason 'Settled on 9 June'`,
  creates: false,
  schema: releasing,
  configure: (program) => program.argument('<hold>').requiredOption('--reason <text>', 'why'),
  input: ([hold], options) => ({ hold, ...options }),
  async run({ holds }, input, io) {
    const hold = await holds.release(input.hold, input.reason, 'cli');
    io.result(holdJson(hold, 0, null), holdLine(hold, 0));
    return 0;
  },
});
