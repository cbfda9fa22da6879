import { z } from 'zod';
import { archiveCommand } from './command.ts';
import { count, shown } from './io.ts';
import { isoOf } from './moment.ts';

const schema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100_000).default(20),
  before: z.coerce.number().int().nonnegative().optional(),
});

export const searchesCommand = archiveCommand<z.infer<typeof schema>>({
  name: 'searches',
  summary: 'List what was searched for: by whom, when, and how much it found',
  example: 'muniment searches --limit 100',
  creates: false,
  readOnly: true,
  schema,
  configure: (program) =>
    program
      .option('--limit <n>', 'how many, newest first', '20')
      .option('--before <search>', 'only those before this one'),
  input: (_args, options) => options,
  async run({ searching }, input, io) {
    for (const { at, query, ...one } of await searching.recorded(input)) {
      const line = [
        String(one.search).padStart(8),
        isoOf(at)?.slice(0, 19) ?? '',
        one.actor,
        count(one.total).padStart(9),
      ];
      io.result({ ...one, at: isoOf(at), query }, [...line, shown(query ?? '(erased)')].join('  '));
    }
    return 0;
  },
});
