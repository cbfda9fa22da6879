/**
 * `npm run demo [-- --once]`: the whole program on a throw-away archive with the project's sample mail. Shows a tour made
 * of real commands and their real answers, then leaves the service running until Ctrl-C; with --once it ends after the
 * tour. Whatever a step does not come to as promised fails the demo: exit code 1. Nothing is left behind.
 */
import { join } from 'node:path';
import { introduce, runDemo } from './demo/run-demo.ts';
import { Workshop } from './demo/workshop.ts';

await runDemo(async ({ stage, signal, parts }) => {
  const environment = (folder: string) => ({
    ARCHIVE_URL: `file:${join(folder, 'archive')}`,
    LISTEN_PORT: '0',
    LOG_LEVEL: 'warn',
  });
  const workshop = parts.use(await Workshop.open(signal, environment));
  await introduce({ stage }, workshop, `in ${workshop.folder}`);
  stage.prompt('One process has the archive; the other commands work through its socket.', 'muniment serve --json &');
  const api = await workshop.serve(['muniment', 'serve', '--json']);
  stage.output(api.announced, 1);
  return { workshop, api, ended: api.ended };
});
