import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answersHttp } from './answers.ts';
import { building, cachePath } from './cache.ts';
import type { Launch, Recipe } from './recipe.ts';
import { runCommand } from './run-command.ts';

const sources = ['pom.xml', 'EsServer.java'].map((name) =>
  fileURLToPath(new URL(`../../infra/services/elasticsearch/${name}`, import.meta.url)),
);
const [pom = '', serverSource = ''] = sources;
const home = cachePath('elasticsearch', 'elasticsearch');
const runtime = cachePath('elasticsearch', 'jre');
const classes = cachePath('elasticsearch', 'classes');

/** There when everything is in place that these very sources ask for. */
function stampPath(): string {
  const hash = createHash('sha1');
  for (const source of sources) hash.update(readFileSync(source));
  return cachePath('elasticsearch', `.ready-${hash.digest('hex').slice(0, 12)}`);
}

/** Java's name for what this machine is. */
function architecture(): string {
  const known = new Map([
    ['x64', 'x64'],
    ['arm64', 'aarch64'],
  ]);
  const name = process.platform === 'linux' ? known.get(arch()) : undefined;
  if (name === undefined) throw new Error(`There is no Java runtime in this recipe for ${process.platform} ${arch()}.`);
  return name;
}

function onlyMatch(pattern: string): string {
  const found = globSync(pattern);
  const [path] = found;
  if (path === undefined || found.length > 1) throw new Error(`${pattern}: expected one, found ${found.length}`);
  return path;
}

/** Reads the modules from the class path: the module path would need the launcher that is not used here. */
async function onClassPath(elasticsearch: string): Promise<void> {
  for (const path of globSync(join(elasticsearch, 'modules/*/plugin-descriptor.properties'))) {
    const lines = (await readFile(path, 'utf8')).split('\n');
    await writeFile(path, lines.filter((line) => !line.startsWith('modulename')).join('\n'));
  }
}

async function install(): Promise<void> {
  if (existsSync(stampPath())) return;
  await building('elasticsearch', async (folder) => {
    const [unpacked, java, compiled] = ['unpack', 'jre', 'classes'].map((name) => join(folder, name));
    if (unpacked === undefined || java === undefined || compiled === undefined) return;
    const options = [`-Des.out=${unpacked}`, `-Des.jre=${architecture()}_linux`];
    await runCommand('mvn', ['-q', '-B', '-f', pom, ...options, 'process-resources']);
    await mkdir(java);
    const archive = onlyMatch(join(unpacked, 'sonarqube-*/jres/*.tar.gz'));
    await runCommand('tar', ['-xzf', archive, '-C', java, '--strip-components=1']);
    const elasticsearch = onlyMatch(join(unpacked, 'sonarqube-*/elasticsearch'));
    await onClassPath(elasticsearch);
    const libraries = globSync(join(elasticsearch, 'lib/*.jar'));
    const compiler = ['-jar', join(unpacked, 'ecj.jar'), '-21', '-proc:none', '-nowarn', '-cp', libraries.join(':')];
    await runCommand(join(java, 'bin/java'), [...compiler, '-d', compiled, serverSource]);
    // Somebody else may have been faster. What an older stamp stands for is gone now.
    if (existsSync(stampPath())) return;
    for (const stamp of globSync(cachePath('elasticsearch', '.ready-*'))) await rm(stamp);
    for (const [from, to] of [
      [java, runtime],
      [elasticsearch, home],
      [compiled, classes],
    ] as const) {
      await rm(to, { recursive: true, force: true });
      await rename(from, to);
    }
    await writeFile(stampPath(), '');
  });
}

function javaOptions(folder: string): readonly string[] {
  const temporary = join(folder, 'tmp');
  return [
    '-Xms256m',
    '-Xmx512m',
    '-XX:+UseSerialGC',
    '-XX:+ExitOnOutOfMemoryError',
    '-XX:-OmitStackTraceInFastThrow',
    `-XX:ErrorFile=${folder}/hs_err_pid%p.log`,
    `-Djava.io.tmpdir=${temporary}`,
    '--enable-native-access=ALL-UNNAMED',
    '-Dio.netty.noUnsafe=true',
    '-Dio.netty.noKeySetOptimization=true',
    '-Dio.netty.recycler.maxCapacityPerThread=0',
    '-Dlog4j2.disable.jmx=true',
    '-Dlog4j.shutdownHookEnabled=false',
    `-Des.path.home=${home}`,
    '-Des.distribution.type=tar',
    '-Drunner.stdin=true',
  ];
}

/** Arguments that begin with `-` are Java's (`-Xmx1g`), the others settings (`name=value`). */
async function launch({ port, folder, args, begin }: Launch): Promise<void> {
  await mkdir(join(folder, 'tmp'), { recursive: true });
  const options = args.filter((argument) => argument.startsWith('-'));
  const settings = args.filter((argument) => !argument.startsWith('-'));
  const server = await begin({
    command: join(runtime, 'bin/java'),
    args: [
      ...javaOptions(folder),
      ...options,
      '-cp',
      `${classes}:${home}/lib/*`,
      'EsServer',
      home,
      String(port),
      folder,
      ...settings,
    ],
  });
  // It answers before what it has stored can be searched.
  const health = `http://127.0.0.1:${port}/_cluster/health?wait_for_status=yellow&timeout=30s`;
  await server.until(() => answersHttp(health));
}

export const elasticsearch: Recipe = {
  title: 'Elasticsearch 9.4.3 (by Maven)',
  scheme: 'http',
  usualPort: 9200,
  needs: [
    { command: 'mvn', debian: 'maven' },
    { command: 'tar', debian: 'tar' },
  ],
  // Without the optimising compiler it takes half the processor time until it answers.
  shortLife: ['-XX:TieredStopAtLevel=1'],
  isInstalled: () => existsSync(stampPath()),
  install,
  launch,
};
