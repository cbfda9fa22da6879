import { z } from 'zod';
import { archiveCommand } from './command.ts';

export const tokenRotate = archiveCommand<object>({
  name: 'token rotate',
  summary: 'Make a new bearer token for the HTTP API; the old one is void',
  example: 'muniment token rotate',
  creates: true,
  schema: z.looseObject({}),
  configure: (program) => program,
  input: () => ({}),
  async run({ tokens }, _input, io) {
    const token = await tokens.rotate('cli');
    io.result({ token }, `${token}\nIt is shown this once. Use it as: Authorization: Bearer ${token}`);
    return 0;
  },
});
