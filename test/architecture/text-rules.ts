import { posix } from 'node:path';
import { folderOf, type Violation } from './import-rules.ts';
import { lineAt, type SourceFile } from './source-file.ts';

function matches(file: SourceFile, text: string, pattern: RegExp, problem: string): readonly Violation[] {
  return [...text.matchAll(pattern)].map((match) => ({
    file: file.path,
    line: lineAt(text, match.index + match[0].length),
    problem: `${match[0].trim()}: ${problem}`,
  }));
}

function isIn(file: SourceFile, ...folders: readonly string[]): boolean {
  return folders.some((folder) => file.path.startsWith(`${folder}/`));
}

function isTypeScript(file: SourceFile): boolean {
  return /\.tsx?$/u.test(file.path);
}

const ENVIRONMENT = /\bprocess\s*\??\.\s*env\b|\bimport\s*\{[^}]*\benv\b[^}]*\}\s*from\s*'node:process'/gu;

/** Configuration is read once, in services/app. */
export function environmentInApp(files: readonly SourceFile[]): readonly Violation[] {
  return files
    .filter((file) => isTypeScript(file) && isIn(file, 'services') && !isIn(file, 'services/app'))
    .flatMap((file) => matches(file, file.code, ENVIRONMENT, 'only services/app reads the environment'));
}

const TIME =
  /\bDate\s*\.\s*now\b|\bnew\s+Date\s*(?:\(\s*\)|(?![\s\w(]))|(?<!new\s+)\bDate\s*\(\s*\)|\bperformance\s*\.\s*now\b|\bprocess\s*\.\s*(?:hrtime|uptime)\b/gu;

/** Time comes from the kernel's clock, so that a test can stand it still and a set clock disposes of nothing. */
export function timeFromClock(files: readonly SourceFile[]): readonly Violation[] {
  return files
    .filter((file) => isTypeScript(file) && isIn(file, 'services', 'scripts/sample-mail'))
    .filter((file) => file.path !== 'services/kernel/clock.ts')
    .flatMap((file) => matches(file, file.bare, TIME, 'take a Clock of #kernel as an argument'));
}

/**
 * One door for destruction. The word `dispose` as a method is kept for it (resources end by `using`); a call counts as
 * one of `BlobStore.dispose` where the file names BlobStore or DispositionOrder, or the receiver or argument says so.
 * One more call stands in a file of its own: a backup destroys what the ledger of its source certifies was destroyed,
 * so that no restore brings it back (invariant 17). It judges nothing.
 */
export function oneDoorForDestruction(files: readonly SourceFile[]): readonly Violation[] {
  const inside = /^services\/archive\/(?:adapters|layers)\//u;
  const sites = files
    .filter((file) => isTypeScript(file) && isIn(file, 'services') && !inside.test(file.path))
    .flatMap((file) => disposeCalls(file));
  const inArchive = sites.filter((site) => folderOf(site.file) === 'archive');
  const inRetention = sites.filter((site) => folderOf(site.file) === 'retention');
  const replayed = sites.filter((site) => site.file === 'services/backup/replay-disposals.ts');
  const allowed = new Set([inArchive, inRetention, replayed].flatMap((some) => some.slice(0, 1)));
  return sites.filter((site) => !allowed.has(site));
}

function disposeCalls(file: SourceFile): readonly Violation[] {
  const call = /(?<receiver>[\w#]+)\s*\??\.\s*dispose\s*\(\s*(?<argument>[\w.]*)/gu;
  const namesStore = /\b(?:BlobStore|DispositionOrder)\b/u.test(file.bare);
  return [...file.bare.matchAll(call)]
    .filter(({ groups }) => {
      const saysSo =
        /store|blob|archive/iu.test(groups?.['receiver'] ?? '') || /order/iu.test(groups?.['argument'] ?? '');
      return namesStore || saysSo;
    })
    .map((match) => ({
      file: file.path,
      line: lineAt(file.bare, match.index),
      problem: `${match[0]}…): BlobStore.dispose is called once, by retention/ (once inside archive/, and once to replay it on a backup)`,
    }));
}

/** Only archive/ declares an order to destroy, and only retention/ makes one. */
export function ordersFromRetention(files: readonly SourceFile[]): readonly Violation[] {
  return files
    .filter((file) => isTypeScript(file) && isIn(file, 'services'))
    .filter((file) => !isIn(file, 'services/archive', 'services/retention'))
    .flatMap((file) => matches(file, file.bare, /\bDispositionOrder\b/gu, 'only retention/ makes an order to destroy'));
}

export function smallFiles(files: readonly SourceFile[]): readonly Violation[] {
  return files
    .filter((file) => isTypeScript(file) && file.text.trimEnd().split('\n').length > 400)
    .map((file) => ({ file: file.path, line: 401, problem: 'more than 400 lines: it holds more than one thing' }));
}

const SWITCHED_OFF = /(?:oxlint|eslint)-disable\S*|@ts-(?:ignore|expect-error|nocheck)|prettier-ignore/gu;

export function nothingSwitchedOff(files: readonly SourceFile[]): readonly Violation[] {
  return files
    .filter((file) => isTypeScript(file) && !isIn(file, 'test/architecture'))
    .flatMap((file) => matches(file, file.text, SWITCHED_OFF, 'change the code, not the rule'));
}

/** A test is left out only where its variant is not available, and says so (test/describe-variant.ts). */
export function noTestLeftOut(files: readonly SourceFile[]): readonly Violation[] {
  const leftOut = /\b(?:test|it|describe)\s*\.\s*(?:only|skip|todo)\b|\b(?:xit|xtest|xdescribe|fit|fdescribe)\s*\(/gu;
  return files
    .filter((file) => isTypeScript(file) && isIn(file, 'test') && file.path !== 'test/describe-variant.ts')
    .flatMap((file) => matches(file, file.bare, leftOut, 'use describeVariant'));
}

const VAGUE = /(?:^|-)(?:utils?|helpers?|common|manager|misc)(?:-|$)|^types?$/u;
const KEBAB = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:test|d))?\.[a-z]+$/u;

export function telltaleNames(files: readonly SourceFile[]): readonly Violation[] {
  return files
    .filter((file) => isTypeScript(file))
    .flatMap((file) => {
      const base = posix.basename(file.path);
      const vague = file.path.split('/').some((part) => VAGUE.test(part.replace(/\..*$/u, '')));
      if (vague) return [{ file: file.path, line: 1, problem: 'name it after the one thing it holds' }];
      return KEBAB.test(base) ? [] : [{ file: file.path, line: 1, problem: 'file names are kebab-case' }];
    });
}

/** Each folder of services/ has a face and a page that says what it is. */
export function facesAndPages(files: readonly SourceFile[]): readonly Violation[] {
  const paths = new Set(files.map((file) => file.path));
  const folders = new Set(files.filter(isTypeScript).flatMap((file) => folderOf(file.path) ?? []));
  return [...folders].flatMap((folder) => {
    const needed = folder === 'web' ? ['README.md'] : ['README.md', 'index.ts'];
    return needed
      .map((name) => `services/${folder}/${name}`)
      .filter((path) => !paths.has(path))
      .map((file) => ({ file, line: 1, problem: 'is missing' }));
  });
}

const MACHINE_PATH = new RegExp(`(?<![\\w.~$}*-])/(?:${['work', 'root', 'home'].join('|')})/`, 'gu');
const REGISTRY = new RegExp(
  `https?://[^\\s"'\`)]*\\b(?:${['registry', 'artifactory', 'nexus', 'verdaccio', 'goproxy'].join('|')})\\b|^\\s*(?:@[\\w-]+:)?registry\\s*=`,
  'gimu',
);

/** Nothing of the machine it was written on, and nobody's package registry. */
export function noTraceOfAMachine(files: readonly SourceFile[], registryHost = ''): readonly Violation[] {
  return files.flatMap((file) => [
    ...matches(file, file.text, MACHINE_PATH, 'a path of one machine'),
    ...matches(file, file.text, REGISTRY, "a registry's address"),
    ...(registryHost !== '' && file.text.includes(registryHost)
      ? [{ file: file.path, line: lineAt(file.text, file.text.indexOf(registryHost)), problem: "a registry's address" }]
      : []),
  ]);
}

export function lockWithoutAddresses(files: readonly SourceFile[]): readonly Violation[] {
  return files
    .filter((file) => file.path === 'package-lock.json')
    .flatMap((file) => matches(file, file.text, /"resolved"\s*:/gu, 'set omit-lockfile-registry-resolved in .npmrc'));
}
