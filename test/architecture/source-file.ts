import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { blankComments, blankStrings } from './blank.ts';

/** One file of the project, as text. Comments and strings are blanked out, so that positions stay what they are. */
export interface SourceFile {
  /** Relative to the checkout, with `/`. */
  readonly path: string;
  readonly text: string;
  /** Without comments. */
  readonly code: string;
  /** Without comments and without what stands in single or double quotes. */
  readonly bare: string;
}

export interface ImportLine {
  readonly specifier: string;
  readonly line: number;
  readonly typeOnly: boolean;
  /** Loaded when a line is reached, not with the file. */
  readonly isDeferred: boolean;
}

export function sourceFile(path: string, text: string): SourceFile {
  const isCode = /\.[cm]?[jt]sx?$/u.test(path);
  const code = isCode ? blankComments(text) : text;
  return { path, text, code, bare: isCode ? blankStrings(code) : code };
}

/** Every file that is, or could now be, committed; in a copy without history, every file of the project's folders. */
export function projectFiles(root: string): readonly SourceFile[] {
  const listed = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  const paths =
    listed.status === 0
      ? listed.stdout.split('\0').filter((path) => path !== '')
      : globSync(['*.*', '{services,test,scripts,bin,infra}/**/*.*'], { cwd: root });
  return [...new Set(paths)]
    .toSorted()
    .filter((path) => isFile(join(root, path)))
    .map((path) => sourceFile(path, readFileSync(join(root, path), 'utf8')));
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

const IMPORT =
  /(?:\b(?<keyword>import|export)\s+(?<clause>type\b|)(?:[^'"`;()]*?\bfrom\s*)?|\b(?<call>import|require)\s*\(\s*)['"](?<specifier>[^'"\n]+)['"]/gu;

/** What a file imports or re-exports, statically or not. */
export function importsOf(file: SourceFile): readonly ImportLine[] {
  return [...file.code.matchAll(IMPORT)].map((match) => ({
    specifier: match.groups?.['specifier'] ?? '',
    line: lineAt(file.code, match.index + match[0].length),
    typeOnly: match.groups?.['clause'] === 'type',
    isDeferred: match.groups?.['call'] !== undefined,
  }));
}
