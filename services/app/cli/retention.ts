import { z } from 'zod';
import type { Deployment } from '../deployment.ts';
import { archiveCommand } from './command.ts';
import { isoOf } from './moment.ts';

/** The schedule in force, and what was promised, which may be longer. */
function described({ retention }: Deployment): [{ default: string | null; promisedUntil: string | null }, string] {
  const period = retention.schedule?.period ?? null;
  const until = retention.promisedUntil();
  const promisedUntil = until === null ? null : isoOf(until);
  const lasting =
    promisedUntil === null
      ? 'Nothing that is archived was promised to be kept.'
      : `What was promised for archived messages, now or before, stays promised: until ${promisedUntil} at the longest.`;
  return [{ default: period, promisedUntil }, `default retention: ${period ?? 'none'}\n${lasting}`];
}

const setting = z.strictObject({ default: z.string() });

export const retentionSet = archiveCommand<z.infer<typeof setting>>({
  name: 'retention set',
  summary:
    'Set how long every message must be kept, from its capture. A period, once promised for a message, can never be shortened',
  example: 'muniment retention set --default 7y',
  creates: true,
  schema: setting,
  configure: (program) =>
    program.requiredOption(
      '--default <period>',
      'e.g. 90d, 18m, 7y, P7Y; or none, which promises nothing more and takes back nothing',
    ),
  input: (_args, options) => options,
  async run(deployment, input, io) {
    await deployment.retention.setDefault(input.default, 'cli');
    io.result(...described(deployment));
    return 0;
  },
});

export const retentionShow = archiveCommand<object>({
  name: 'retention show',
  summary: 'Show the retention schedule in force, and until when messages were promised to be kept',
  example: 'muniment retention show',
  creates: false,
  readOnly: true,
  schema: z.looseObject({}),
  configure: (program) => program,
  input: () => ({}),
  async run(deployment, _input, io) {
    io.result(...described(deployment));
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
