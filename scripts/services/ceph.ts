import { randomUUID } from 'node:crypto';
import { existsSync, globSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import { answersHttp } from './answers.ts';
import { building, cachePath } from './cache.ts';
import { updatePackageLists } from './debian.ts';
import { type Launch, type Recipe, testServerCredentials } from './recipe.ts';
import { runCommand } from './run-command.ts';

/** LGPL-2.1; of Debian 12, whose libraries it is linked with. */
const version = '16.2.15+ds-0+deb12u2';
const packages = ['radosgw', 'ceph-mon', 'ceph-osd', 'ceph-common'] as const;
const root = cachePath('s3', 'ceph', 'root');
const machine = arch() === 'arm64' ? 'aarch64' : 'x86_64';
const libraries = join(root, 'usr/lib', `${machine}-linux-gnu`);
const template = new URL('../../infra/services/ceph/ceph.conf', import.meta.url);

const environment = {
  LD_LIBRARY_PATH: [libraries, join(libraries, 'ceph'), join(root, 'lib', `${machine}-linux-gnu`)].join(':'),
  PYTHONPATH: join(root, 'usr/lib/python3/dist-packages'),
};

function tool(name: string): string {
  return join(root, 'usr/bin', name);
}

/** Unpacks the packages and installs nothing. The folder appears when all of it is there. */
async function install(): Promise<void> {
  if (existsSync(tool('radosgw'))) return;
  await updatePackageLists();
  await building('s3', async (folder) => {
    const archives = join(folder, 'debs');
    await mkdir(join(archives, 'partial'), { recursive: true });
    await runCommand('apt-get', [
      'install',
      '-y',
      '-qq',
      '--reinstall',
      '--no-install-recommends',
      '--download-only',
      '-o',
      `Dir::Cache::archives=${archives}`,
      '-o',
      'Debug::NoLocking=true',
      ...packages.map((name) => `${name}=${version}`),
    ]);
    const unpacked = join(folder, 'root');
    for (const deb of globSync(join(archives, '*.deb'))) await runCommand('dpkg', ['-x', deb, unpacked]);
    await mkdir(cachePath('s3', 'ceph'), { recursive: true });
    if (existsSync(tool('radosgw'))) return;
    await rm(root, { recursive: true, force: true });
    await rename(unpacked, root);
  });
}

/** One Ceph in a folder: what its tools need to be called with. */
class Cluster {
  readonly #folder: string;
  readonly #launch: Launch;

  constructor(launch: Launch) {
    this.#folder = launch.folder;
    this.#launch = launch;
  }

  async run(name: string, ...args: readonly string[]): Promise<void> {
    await runCommand(tool(name), [...this.#configuration, ...args], environment);
  }

  /** Whether the monitor does as it is asked. The tool is a Python script that names another Python. */
  async says(...words: readonly string[]): Promise<boolean> {
    const call = ['30', 'python3', tool('ceph'), ...this.#configuration, ...words];
    return await runCommand('timeout', call, environment).then(
      () => true,
      () => false,
    );
  }

  async begin(name: string, ...args: readonly string[]): ReturnType<Launch['begin']> {
    return await this.#launch.begin({
      command: tool(name),
      args: ['-f', ...this.#configuration, ...args],
      env: environment,
    });
  }

  /** Configuration and an empty monitor. */
  async make(): Promise<void> {
    for (const name of ['mon', 'osd0', 'out', 'mgr']) await mkdir(join(this.#folder, name), { recursive: true });
    const id = randomUUID();
    const values: Readonly<Record<string, string>> = {
      id,
      libraries,
      folder: this.#folder,
      port: String(this.#launch.port),
      monitorPort: String(monitorPort(this.#launch)),
    };
    const text = (await readFile(template, 'utf8')).replaceAll(/\{(\w+)\}/gu, (_, name: string) => values[name] ?? '');
    const map = join(this.#folder, 'monmap');
    const monitor = ['--addv', 'a', `v1:127.0.0.1:${monitorPort(this.#launch)}`];
    await runCommand(tool('monmaptool'), ['--create', '--clobber', '--fsid', id, ...monitor, map], environment);
    await writeFile(this.#configurationFile, text);
    await this.run('ceph-mon', '--mkfs', '-i', 'a', '--monmap', map);
  }

  /** On a busy machine the monitor answers, and shortly after refuses (EPERM); both orders may be repeated. */
  async addDisk(monitor: Awaited<ReturnType<Launch['begin']>>): Promise<void> {
    const id = randomUUID();
    await monitor.until(() => this.says('osd', 'new', id));
    await this.run('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', id);
    await monitor.until(() => this.says('osd', 'crush', 'add', 'osd.0', '1.0', 'host=h1', 'root=default'));
  }

  async addOwner(): Promise<void> {
    const { accessKeyId, secretAccessKey } = testServerCredentials;
    const keys = [`--access-key=${accessKeyId}`, `--secret-key=${secretAccessKey}`];
    await this.run('radosgw-admin', 'user', 'create', '--uid=owner', '--display-name=owner', ...keys);
  }

  get #configurationFile(): string {
    return join(this.#folder, 'ceph.conf');
  }

  get #configuration(): readonly string[] {
    return ['-c', this.#configurationFile];
  }
}

/** The gateway's neighbour. */
function monitorPort({ port }: Launch): number {
  return port + 1;
}

async function launch(options: Launch): Promise<void> {
  const cluster = new Cluster(options);
  // Only a folder in which everything was made once is used again.
  const made = join(options.folder, 'made');
  const isFresh = !existsSync(made);
  if (isFresh) await cluster.make();
  const monitor = await cluster.begin('ceph-mon', '-i', 'a');
  await monitor.until(() => cluster.says('-s'));
  if (isFresh) await cluster.addDisk(monitor);
  const disk = await cluster.begin('ceph-osd', '-i', '0');
  await disk.until(() => cluster.says('tell', 'osd.0', 'version'));
  if (isFresh) await cluster.addOwner();
  const gateway = await cluster.begin('radosgw', '-n', 'client.rgw', '--rgw-zone=default', ...options.args);
  await gateway.until(() => answersHttp(`http://127.0.0.1:${options.port}/`));
  if (isFresh) await writeFile(made, '');
}

export const ceph: Recipe = {
  title: "Ceph Object Gateway 16.2.15 (Debian's packages, unpacked)",
  scheme: 'http',
  usualPort: 7480,
  needs: ['apt-get', 'dpkg', 'python3', 'timeout'].map((command) => ({ command, debian: undefined })),
  isInstalled: () => existsSync(tool('radosgw')),
  install,
  launch,
};
