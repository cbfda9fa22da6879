import { expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeVariant } from '../describe-variant.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** One command of the tour and what the page says it answers. */
interface Shown {
  readonly command: string;
  readonly output: string;
}

function tourOf(page: string): readonly Shown[] {
  const blocks = [...page.matchAll(/^```console\n(?<lines>[^]*?)^```$/gmu)];
  return blocks
    .flatMap(({ groups }) => (groups?.['lines'] ?? '').split(/^\$ /mu).slice(1))
    .map((text) => {
      const [command = '', ...output] = text.trimEnd().split('\n');
      return { command, output: output.join('\n') };
    })
    .filter(({ command }) => !command.startsWith('alias '));
}

/** What is made at random differs from run to run. */
function withoutChance(text: string): string {
  return text
    .replaceAll(/\b(?<kind>hold|matter)-[0-9a-f]{10}\b/gu, '$<kind>-ID')
    .replaceAll(/^root [0-9a-f]+…?$/gmu, 'root HASH');
}

/** The page leaves out with `…`: lines, or a part of one. */
function patternOf(output: string): RegExp {
  const pattern = withoutChance(output)
    .replaceAll(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`)
    .replaceAll('\n…\n', '\n[^]*?')
    .replace(/\n…$/u, '\n[^]*')
    .replaceAll('…', '.*');
  return new RegExp(`^${pattern}$`, 'u');
}

function run(command: string, folder: string): Promise<string> {
  const script = `muniment() { "$NODE" "$ROOT/bin/muniment.js" "$@"; }
    npm() { "$NODE" "$ROOT/scripts/write-sample-mail.ts" "\${!#}"; }
    { ${command}; } 2>&1`;
  const env = { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder, NODE: process.execPath, ROOT: root };
  return new Promise((resolve) => {
    execFile('bash', ['-c', script], { cwd: folder, env }, (_error, stdout) => resolve(stdout.trimEnd()));
  });
}

describeVariant('sha256sum', 'README.md', () => {
  test('shows what the program really answers', async () => {
    const tour = tourOf(readFileSync(join(root, 'README.md'), 'utf8'));
    expect(tour.length).toBeGreaterThan(8);
    const folder = await mkdtemp(join(tmpdir(), 'muniment-readme-'));
    try {
      for (const { command, output } of tour)
        expect(withoutChance(await run(command, folder))).toMatch(patternOf(output));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
