import { dirname, posix } from 'node:path';
import { arrows, forAdapters, placements } from './arrows.ts';
import { importsOf, type ImportLine, type SourceFile } from './source-file.ts';

/** One thing that a rule forbids, where it stands. */
export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly problem: string;
}

interface Import extends ImportLine {
  readonly from: string;
  /** Path of the imported file, or undefined for a package. */
  readonly target: string | undefined;
}

/** The folder of services/ that a path lies in, or undefined. */
export function folderOf(path: string | undefined): string | undefined {
  return /^services\/(?<folder>[^/]+)\//u.exec(path ?? '')?.groups?.['folder'];
}

function targetOf(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return posix.join(dirname(from), specifier);
  return specifier.startsWith('#') ? `services/${specifier.slice(1)}/index.ts` : undefined;
}

function isCode(path: string): boolean {
  return /\.[cm]?[jt]sx?$/u.test(path);
}

function allImports(files: readonly SourceFile[]): readonly Import[] {
  return files
    .filter((file) => isCode(file.path))
    .flatMap((file) =>
      importsOf(file).map((one) => ({ ...one, from: file.path, target: targetOf(file.path, one.specifier) })),
    );
}

function violation(one: Import, problem: string): Violation {
  return { file: one.from, line: one.line, problem: `imports ${one.specifier}: ${problem}` };
}

const INSIDE = /^(?<inside>services\/[^/]+\/(?:adapters|layers))\//u;

/** A folder is entered by its face: no relative path leaves a folder. app/ reaches adapters and layers by path. */
export function facesOnly(files: readonly SourceFile[]): readonly Violation[] {
  return allImports(files)
    .filter((one) => /^(?:services|scripts)\//u.test(one.from) && one.specifier.startsWith('.'))
    .filter((one) => folderOf(one.from) !== folderOf(one.target) && !mayReachByPath(one))
    .map((one) => {
      const to = folderOf(one.target);
      return violation(one, to === undefined ? 'leaves its folder' : `use #${to}, the face of that folder`);
    });
}

function mayReachByPath(one: Import): boolean {
  const target = one.target ?? '';
  if (folderOf(one.from) === 'app') return INSIDE.test(target);
  return folderOf(one.from) === 'web' && one.typeOnly && target.startsWith('services/api/schemas/');
}

/** No arrow outside the table. */
export function arrowsHold(files: readonly SourceFile[]): readonly Violation[] {
  return allImports(files).flatMap((one) => {
    const [from, to] = [folderOf(one.from), folderOf(one.target)];
    if (from === undefined || to === undefined || !one.specifier.startsWith('#')) return [];
    const arrow = arrows[from];
    if (arrow === undefined) return [violation(one, `the table of arrows does not know the folder ${from}`)];
    if (from === to) return [violation(one, 'a file names its own folder by relative paths')];
    if (INSIDE.test(one.from) && forAdapters.includes(to)) return [];
    return arrow.to.includes(to) ? [] : [violation(one, `${from} may not import ${to}: ${arrow.because}`)];
  });
}

/** Only app/ (and test/) chooses an adapter or a layer; not even the folder's own face does. */
export function adaptersStayInside(files: readonly SourceFile[]): readonly Violation[] {
  return allImports(files).flatMap((one) => {
    const inside = INSIDE.exec(one.target ?? '')?.groups?.['inside'];
    const allowed = folderOf(one.from) === 'app' || one.from.startsWith('test/');
    if (inside === undefined || allowed || one.from.startsWith(`${inside}/`)) return [];
    return [violation(one, 'only services/app (and test) knows adapters and layers')];
  });
}

export function packagesInPlace(files: readonly SourceFile[]): readonly Violation[] {
  return allImports(files)
    .filter((one) => !one.from.startsWith('test/'))
    .flatMap((one) => {
      const wrong = placements.find(({ packages, allowed }) => packages.test(one.specifier) && !allowed.test(one.from));
      return wrong === undefined ? [] : [violation(one, wrong.because)];
    });
}

/** Every path of imports that comes back to where it began, named once, at the import that closes it. */
export function noCycles(files: readonly SourceFile[]): readonly Violation[] {
  const known = new Set(files.map((file) => file.path));
  const edges = new Map<string, Import[]>();
  for (const one of allImports(files)) {
    if (one.target === undefined || !known.has(one.target)) continue;
    edges.set(one.from, [...(edges.get(one.from) ?? []), one]);
  }
  const found: Violation[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    for (const one of edges.get(path) ?? []) {
      const target = one.target ?? '';
      const start = trail.indexOf(target);
      if (start >= 0) found.push(violation(one, `a cycle: ${[...trail.slice(start), target].join(' -> ')}`));
      else if (!done.has(target)) visit(target, [...trail, target]);
    }
    done.add(path);
  };
  for (const path of edges.keys()) if (!done.has(path)) visit(path, [path]);
  return found;
}

const ofServers = /^(?:@aws-sdk\/|@elastic\/|bullmq$|ioredis$|imapflow$|express$|helmet$|prom-client$|pino$)/u;

/** What only some commands need is loaded by them: each start of the program would wait for it. */
export function startIsLight(files: readonly SourceFile[]): readonly Violation[] {
  const imports = Map.groupBy(
    allImports(files).filter((one) => !one.typeOnly && !one.isDeferred),
    (one) => one.from,
  );
  const loaded = new Set(['services/app/main.ts']);
  const found: Violation[] = [];
  // A set is walked in the order of insertion, also over what is added on the way.
  for (const path of loaded) {
    for (const one of imports.get(path) ?? []) {
      if (one.target !== undefined) loaded.add(one.target);
      else if (ofServers.test(one.specifier))
        found.push(violation(one, 'loaded at every start: import() it where used'));
    }
  }
  return found;
}
