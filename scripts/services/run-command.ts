import { spawn } from 'node:child_process';
import { once } from 'node:events';

const linesShown = 20;

/** Runs a command to its end. @throws with the last lines of what it said when it fails. */
export async function runCommand(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  const [code] = await once(child, 'close');
  if (code === 0) return;
  const last = said.trimEnd().split('\n').slice(-linesShown).join('\n');
  throw new Error(`${command} ${args.join(' ')} ended with ${String(code ?? child.signalCode)}:\n${last}`);
}
