import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that is gone when the test is over. */
export async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'muniment-export-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Every file below a folder, by relative path. */
export async function filesIn(folder: string): Promise<Map<string, Buffer>> {
  const names = (await readdir(folder, { recursive: true })).sort();
  const files = new Map<string, Buffer>();
  for (const name of names) {
    const path = join(folder, name);
    if ((await stat(path)).isFile()) files.set(name, await readFile(path));
  }
  return files;
}

export async function linesOf(file: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(file, 'utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

export function run(folder: string, script: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

export function sha256sumAccepts(folder: string): boolean {
  return run(folder, 'sha256sum --strict --quiet -c SHA256SUMS').status === 0;
}

/** The commands that README.txt gives under a heading, ready for the shell. */
export async function commandsOf(folder: string, heading: string): Promise<string> {
  const text = await readFile(join(folder, 'README.txt'), 'utf8');
  const section = text.slice(text.indexOf(heading));
  const end = section.indexOf('\n\n', section.search(/^ {4}/mu));
  const commands = section
    .slice(0, end < 0 ? undefined : end)
    .split('\n')
    .filter((line) => line.startsWith('    '));
  return commands.map((line) => line.slice(4)).join('\n');
}
