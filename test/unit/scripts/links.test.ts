import { describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const leftOut = new Set(['node_modules', '.git', 'data', 'state']);

function markdownFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (leftOut.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return markdownFiles(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gmu, '').replace(/`[^`\n]*`/gu, (code) => code.replace(/[[\]()]/gu, ' '));
}

/** As GitHub names them: lower case, without punctuation, spaces as hyphens. */
function anchorsIn(file: string): Set<string> {
  const headings =
    readFileSync(file, 'utf8')
      .replace(/^```[\s\S]*?^```/gmu, '')
      .match(/^#+ .*$/gmu) ?? [];
  return new Set(
    headings.map((heading) =>
      heading
        .replace(/^#+ /u, '')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/\s/gu, '-'),
    ),
  );
}

function deadLinks(file: string): string[] {
  const links = withoutCode(readFileSync(file, 'utf8')).matchAll(/\]\(([^)\s]+)\)/gu);
  return [...links].flatMap(([, target = '']) => {
    if (/^[a-z]+:/u.test(target)) return [];
    const [path = '', anchor] = target.split('#');
    const there = path === '' ? file : join(dirname(file), path);
    const isDead = !existsSync(there) || (anchor !== undefined && !anchorsIn(there).has(anchor));
    return isDead ? [`${relative(root, file)}: ${target}`] : [];
  });
}

describe('the documentation', () => {
  test('leads nowhere that is not there, and to no heading that is not there', () => {
    expect(markdownFiles(root).flatMap(deadLinks)).toEqual([]);
  });
});
