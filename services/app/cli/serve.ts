import { z } from 'zod';
import type { Fault } from '#kernel';
import { everyRole, roles, type Role } from '../processes/role.ts';
import { AppFault } from '../app-fault.ts';
import { folderCommand } from './command.ts';

const schema = z.strictObject({ role: z.array(z.enum(roles)).optional() });

export const serveCommand = folderCommand<z.infer<typeof schema>>({
  name: 'serve',
  summary: 'Run the HTTP API, the collectors and the scheduler until stopped',
  example: 'LISTEN_PORT=8640 muniment serve',
  creates: true,
  schema,
  configure: (program) =>
    program.option('--role <roles...>', `only some of what a process can do: ${roles.join(', ')} (default: all)`),
  input: (_args, { role }) => ({
    ...(Array.isArray(role) && { role: role.flatMap((one) => String(one).split(',')) }),
  }),
  async run(config, input, io, open) {
    const chosen: ReadonlySet<Role> = input.role === undefined ? everyRole : new Set(input.role);
    if (chosen.size < roles.length && (config.archive.kind !== 's3' || config.queue.kind !== 'redis')) {
      throw new AppFault('usage', 'One process has an archive in a folder, and a queue in memory, for itself.', {
        remedy: 'Leave --role out, or set ARCHIVE_URL to s3://… and QUEUE_URL to redis://….',
      });
    }
    const { logOf, serve } = await import('../processes/all-in-one.ts');
    const log = logOf(config);
    const onTrouble = ({ code, message, remedy }: Fault) =>
      log.warn({ code, problem: message, remedy }, 'a server fails');
    await open({ create: true, captures: false, onTrouble }, (deployment) =>
      serve(deployment, { roles: chosen, log, signal: io.signal }, ({ url, token }) => {
        io.result({ url, ...(token !== undefined && { token }) }, `serving ${url}`);
        if (token !== undefined && !io.json) io.note(`The bearer token, shown this once: ${token}`);
      }),
    );
    return 0;
  },
});
