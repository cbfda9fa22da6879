/** `node server-parent.ts NAME FOLDER`: starts a server, says its pid, and waits to be killed. */
import { isServerName, recipes } from '../../scripts/services/recipes.ts';
import { RunningServer } from '../../scripts/services/running-server.ts';

const [name = '', folder = ''] = process.argv.slice(2);
if (!isServerName(name)) throw new Error(`no such server: ${name}`);
const server = await RunningServer.start(recipes[name], { folder, throwAway: true });
process.stdout.write(`${server.pid}\n`);
setInterval(() => undefined, 1_000);
