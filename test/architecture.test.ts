import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { entryKinds } from '../services/ledger/entries/index.ts';
import { arrows } from './architecture/arrows.ts';
import * as imports from './architecture/import-rules.ts';
import { importsOf, projectFiles, sourceFile, type SourceFile } from './architecture/source-file.ts';
import * as texts from './architecture/text-rules.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = projectFiles(root);

function registryHost(): string {
  const registry = process.env['npm_config_registry'] ?? '';
  return URL.canParse(registry) ? new URL(registry).host : '';
}

interface Rule {
  readonly promise: string;
  readonly check: (files: readonly SourceFile[]) => readonly imports.Violation[];
  /** Files that break the rule, by path; the first one must be found, at the line given. */
  readonly planted: Readonly<Record<string, string>>;
  readonly line: number;
}

/** A text that must not stand in this very file in one piece. */
function joined(...pieces: readonly string[]): string {
  return pieces.join('');
}

const rules: readonly Rule[] = [
  {
    promise: 'other folders are entered only through their face',
    check: imports.facesOnly,
    planted: { 'services/search/a.ts': "import { x } from '#ledger';\n\nimport { y } from '../ledger/tree.ts';" },
    line: 3,
  },
  {
    promise: 'no arrow outside the table',
    check: imports.arrowsHold,
    planted: { 'services/message/a.ts': "import {\n  x,\n} from '#archive';" },
    line: 3,
  },
  {
    promise: 'adapters and layers are known to app and test only',
    check: imports.adaptersStayInside,
    planted: { 'services/archive/index.ts': "export * from './adapters/memory/store.ts';" },
    line: 1,
  },
  {
    promise: 'a technology stays in its place',
    check: imports.packagesInPlace,
    planted: { 'services/search/a.ts': "// 1\nconst { DatabaseSync } = await import('node:sqlite');" },
    line: 2,
  },
  {
    promise: 'a start loads nothing that only servers and some commands need',
    check: imports.startIsLight,
    planted: {
      'services/app/cli/a.ts': "import type { z } from 'zod';\nimport { S3Client } from '@aws-sdk/client-s3';",
      'services/app/main.ts': "import './cli/a.ts';\nconst { x } = await import('./cli/b.ts');",
      'services/app/cli/b.ts': "import Redis from 'ioredis';",
    },
    line: 2,
  },
  {
    promise: 'no cycles between files',
    check: imports.noCycles,
    planted: {
      'services/kernel/b.ts': "import { a } from './a.ts';",
      'services/kernel/a.ts': "import type { b } from './b.ts';",
    },
    line: 1,
  },
  {
    promise: 'the environment is read in services/app only',
    check: texts.environmentInApp,
    planted: { 'services/search/a.ts': "// process.env is not read here\nconst home = process.env['HOME'];" },
    line: 2,
  },
  {
    promise: 'time comes from the clock only (invariant 15)',
    check: texts.timeFromClock,
    planted: {
      'services/retention/a.ts': "const text = 'Date.now()';\nconst then = new Date(0);\nconst now = new Date();",
    },
    line: 3,
  },
  {
    promise: 'there is one door for destruction (invariant 13)',
    check: texts.oneDoorForDestruction,
    planted: { 'services/api/a.ts': 'await context.archive.dispose(order);' },
    line: 1,
  },
  {
    promise: 'only retention makes an order to destroy',
    check: texts.ordersFromRetention,
    planted: { 'services/app/a.ts': "import type { DispositionOrder } from '#archive';" },
    line: 1,
  },
  {
    promise: 'no file is longer than 400 lines',
    check: texts.smallFiles,
    planted: { 'test/unit/a.test.ts': 'x;\n'.repeat(401) },
    line: 401,
  },
  {
    promise: 'no comment switches a rule off',
    check: texts.nothingSwitchedOff,
    planted: { 'services/kernel/a.ts': joined('x;\n// @ts', '-ignore\ny;') },
    line: 2,
  },
  {
    promise: 'no test is left out but by its variant',
    check: texts.noTestLeftOut,
    planted: { 'test/unit/a.test.ts': "\ntest.only('x', () => {});" },
    line: 2,
  },
  {
    promise: 'every file is named after what it holds',
    check: texts.telltaleNames,
    planted: { 'services/search/string-utils.ts': 'x;' },
    line: 1,
  },
  {
    promise: 'every folder of services has a face and a README',
    check: texts.facesAndPages,
    planted: { 'services/kernel/README.md': '', 'services/kernel/a.ts': 'x;' },
    line: 1,
  },
  {
    promise: 'no file names a machine or a package registry',
    check: (all) => texts.noTraceOfAMachine(all, registryHost()),
    planted: { 'README.md': joined('Look at https://example.org/home/.\n\ncd /ho', 'me/someone\n') },
    line: 3,
  },
  {
    promise: 'the lock file names no address',
    check: texts.lockWithoutAddresses,
    planted: { 'package-lock.json': '{\n  "resolved": "https://example.org/a.tgz"\n}' },
    line: 2,
  },
];

function sentences(violations: readonly imports.Violation[]): readonly string[] {
  return violations.map(({ file, line, problem }) => `${file}:${line} ${problem}`);
}

/** A rule of the linter that is an error beyond a limit not above this one. */
function max(limit: number) {
  return z.tuple([z.literal('error'), z.looseObject({ max: z.number().max(limit) })]);
}

describe('the architecture', () => {
  test.each(rules)('$promise', ({ check }) => {
    expect(sentences(check(files))).toEqual([]);
  });

  test('the rules see the project', () => {
    expect(files.filter((file) => file.path.startsWith('services/kernel/')).length).toBeGreaterThan(5);
  });

  test('every face of package.json is the index of its folder, and has arrows', () => {
    const manifest = z
      .object({ imports: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync(`${root}package.json`, 'utf8')));
    for (const [name, target] of Object.entries(manifest.imports)) {
      expect(target).toBe(`./services/${name.slice(1)}/index.ts`);
      expect(Object.keys(arrows)).toContain(name.slice(1));
    }
  });

  test('the linter holds files to 400 lines, functions to 60, complexity to 10, depth to 3, and forbids cycles', () => {
    const wanted = z.object({
      options: z.looseObject({ typeAware: z.literal(true) }),
      rules: z.looseObject({
        'max-lines': max(400),
        'max-lines-per-function': max(60),
        complexity: max(10),
        'max-depth': max(3),
        'import/no-cycle': z.literal('error'),
        'typescript/no-explicit-any': z.literal('error'),
        'typescript/no-floating-promises': z.literal('error'),
        'typescript/switch-exhaustiveness-check': z.literal('error'),
      }),
    });
    expect(wanted.safeParse(JSON.parse(readFileSync(`${root}.oxlintrc.json`, 'utf8'))).error).toBeUndefined();
  });

  test('every kind of ledger entry is described in the README of ledger', () => {
    const page = files.find((file) => file.path === 'services/ledger/README.md')?.text ?? '';
    expect(Object.keys(entryKinds).filter((kind) => !page.includes(`\`${kind}\``))).toEqual([]);
  });
});

describe('the rules themselves', () => {
  test.each(rules)('find what is planted: $promise', ({ check, planted, line }) => {
    const found = check(Object.entries(planted).map(([path, text]) => sourceFile(path, text)));
    expect(found.map((violation) => violation.line)).toContain(line);
    expect(found).toHaveLength(1);
  });

  test.each([
    ["import type { A } from '#kernel';", ['#kernel']],
    ["export { b } from './b.ts';\nexport * from './c.ts';", ['./b.ts', './c.ts']],
    ["import './side-effect.ts';", ['./side-effect.ts']],
    ["// import { a } from './no.ts';\n/* from './no.ts' */ const re = /'\\/\\//u; import('./yes.ts');", ['./yes.ts']],
    ["const [a] = await Promise.all([import('./a.ts')]);\nexport type B = 'x';", ['./a.ts']],
  ])('imports are read as written: %j', (text, expected) => {
    expect(importsOf(sourceFile('services/kernel/a.ts', text)).map((one) => one.specifier)).toEqual(expected);
  });
});
