import { z } from 'zod';
import type { SavedSearchRecord } from '#catalog';
import { savedSearchName } from '#matters';
import { archiveCommand } from './command.ts';
import { type Io, shown } from './io.ts';
import { isoOf } from './moment.ts';

function savedJson({ savedAt, ...saved }: SavedSearchRecord): object {
  return { ...saved, savedAt: isoOf(savedAt) };
}

function savedLine({ name, query, savedAt, savedBy }: SavedSearchRecord): string {
  return `${shown(name)}  ${shown(query)}  (${(isoOf(savedAt) ?? '').slice(0, 19)}, ${savedBy})`;
}

function show(saved: SavedSearchRecord, io: Io): void {
  io.result(savedJson(saved), savedLine(saved));
}

const adding = z.strictObject({
  matter: z.string(),
  name: savedSearchName,
  query: z.string().min(1),
  replace: z.boolean().default(false),
});

export const savedAdd = archiveCommand<z.infer<typeof adding>>({
  name: 'saved add',
  summary: 'Keep a query in a matter, under a name to ask it by',
  example: `muniment saved add 'Bridge inspection' herons 'heron OR "VF-2217"'`,
  creates: false,
  schema: adding,
  configure: (program) =>
    program
      .argument('<matter>', 'id or name')
      .argument('<name>', 'what it is called in this matter')
      .argument('<query>', 'as for muniment search, in quotation marks')
      .option('--replace', 'in place of what the matter keeps under that name'),
  input: ([matter, name, query], options) => ({ matter, name, query, ...options }),
  async run({ savedSearches, searching }, input, io) {
    const saved = await savedSearches.save(input, 'cli');
    const warnings = searching.hints(input.query);
    io.result({ ...savedJson(saved), warnings }, savedLine(saved));
    for (const warning of warnings) io.note(`Warning: ${warning}`);
    return 0;
  },
});

const listing = z.strictObject({ matter: z.string() });

export const savedList = archiveCommand<z.infer<typeof listing>>({
  name: 'saved list',
  summary: 'List the saved searches of a matter',
  example: `muniment saved list 'Bridge inspection'`,
  creates: false,
  readOnly: true,
  schema: listing,
  configure: (program) => program.argument('<matter>', 'id or name'),
  input: ([matter]) => ({ matter }),
  async run({ savedSearches }, { matter }, io) {
    const all = await savedSearches.list(matter);
    for (const saved of all) show(saved, io);
    if (all.length === 0) io.note('There is no saved search in this matter.');
    return 0;
  },
});

const discarding = z.strictObject({ matter: z.string(), name: savedSearchName });

export const savedDiscard = archiveCommand<z.infer<typeof discarding>>({
  name: 'saved discard',
  summary: 'Keep a saved search no longer; what it asked stays in the ledger',
  example: `muniment saved discard 'Bridge inspection' herons`,
  creates: false,
  schema: discarding,
  configure: (program) =>
    program.argument('<matter>', 'id or name').argument('<name>', 'of the saved search, or its id'),
  input: ([matter, name]) => ({ matter, name }),
  async run({ savedSearches }, { matter, name }, io) {
    show(await savedSearches.discard(matter, name, 'cli'), io);
    return 0;
  },
});
