import { z } from 'zod';
import { serve } from '../processes/all-in-one.ts';
import { folderCommand } from './command.ts';

export const serveCommand = folderCommand<object>({
  name: 'serve',
  summary: 'Run the HTTP API, the collectors and the scheduler until stopped',
  example: 'LISTEN_PORT=8640 muniment serve',
  creates: true,
  schema: z.looseObject({}),
  configure: (program) => program,
  input: () => ({}),
  async run(_config, _input, io, open) {
    await open({ create: true }, (deployment) =>
      serve(deployment, io.signal, ({ url, token }) => {
        io.result({ url, ...(token !== undefined && { token }) }, `serving ${url}`);
        if (token !== undefined && !io.json) io.note(`The bearer token, shown this once: ${token}`);
      }),
    );
    return 0;
  },
});
