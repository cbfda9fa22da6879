import { z } from 'zod';
import { archiveCommand } from './command.ts';

const asOf = z.coerce.number().int().nonnegative().optional();
const proving = z.strictObject({ digest: z.string(), asOf });

export const proofCommand = archiveCommand<z.infer<typeof proving>>({
  name: 'proof',
  summary: "Prove that a message's capture is in the ledger (C2SP tlog-proof, checked offline by anyone)",
  example: 'muniment proof 3fb1c2d4e5f6 > message.tlog-proof',
  creates: false,
  schema: proving,
  configure: (program) =>
    program.argument('<digest>').option('--as-of <sequence>', 'by the checkpoint of this sequence'),
  input: ([digest], options) => ({ digest, ...options }),
  async run({ reading }, input, io) {
    const message = reading.find(input.digest);
    const { sequence, digest } = message;
    const proof = await reading.proof(message, input.asOf);
    io.result({ digest, sequence, proof }, proof.trimEnd());
    return 0;
  },
});

const marking = z.strictObject({ asOf });

export const checkpointCommand = archiveCommand<z.infer<typeof marking>>({
  name: 'checkpoint',
  summary: 'Sign the state of the ledger: kept elsewhere, it shows any later change of the past',
  example: 'muniment checkpoint > checkpoint.txt',
  creates: false,
  schema: marking,
  configure: (program) => program.option('--as-of <sequence>', 'of the ledger up to this sequence'),
  input: (_args, options) => options,
  async run({ reading }, input, io) {
    const checkpoint = await reading.checkpoint(input.asOf);
    io.result({ checkpoint }, checkpoint.trimEnd());
    return 0;
  },
});
