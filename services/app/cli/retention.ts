import { z } from 'zod';
import { archiveCommand } from './command.ts';

const setting = z.strictObject({ default: z.string() });

export const retentionSet = archiveCommand<z.infer<typeof setting>>({
  name: 'retention set',
  summary: 'Set how long every message must be kept, from its capture: it only ever lengthens',
  example: 'muniment retention set --default 7y',
  creates: true,
  schema: setting,
  configure: (program) => program.requiredOption('--default <period>', 'e.g. 90d, 18m, 7y, P7Y, or none'),
  input: (_args, options) => options,
  async run({ retention }, input, io) {
    const schedule = await retention.setDefault(input.default, 'cli');
    const period = schedule?.period ?? null;
    const text = `default retention: ${period ?? 'none'}`;
    const lasting =
      'What this or an earlier schedule has promised for archived messages stays promised, and cannot be shortened.';
    io.result({ default: period }, `${text}\n${lasting}`);
    return 0;
  },
});

export const retentionShow = archiveCommand<object>({
  name: 'retention show',
  summary: 'Show the retention schedule in force',
  example: 'muniment retention show',
  creates: false,
  readOnly: true,
  schema: z.looseObject({}),
  configure: (program) => program,
  input: () => ({}),
  async run({ retention }, _input, io) {
    const period = retention.schedule?.period ?? null;
    io.result({ default: period }, `default retention: ${period ?? 'none'}`);
    return 0;
  },
});

const disposing = z.strictObject({ digest: z.string(), reason: z.string().min(1).max(10_000) });

export const disposeCommand = archiveCommand<z.infer<typeof disposing>>({
  name: 'dispose',
  summary: 'Destroy one message lawfully; refused while a hold or retention covers it',
  example: `muniment dispose 3fb1c2d4e5f6 --reason 'Erasure request 17'`,
  creates: false,
  schema: disposing,
  configure: (program) => program.argument('<digest>').requiredOption('--reason <text>', 'why'),
  input: ([digest], options) => ({ digest, ...options }),
  async run({ reading, disposition }, input, io) {
    const certificate = await disposition.dispose(reading.find(input.digest), input.reason, 'cli');
    const { digest, order, sequence } = certificate;
    io.result(certificate, `disposed of ${digest}\ncertificate: ledger entry ${sequence}, order ${order}`);
    return 0;
  },
});
