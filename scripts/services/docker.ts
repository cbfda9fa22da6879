import { spawnSync } from 'node:child_process';
import { answersHttp, answersRedis } from './answers.ts';
import { type Launch, type Recipe, type ServerName, testServerCredentials } from './recipe.ts';
import { runCommand } from './run-command.ts';

interface Image {
  readonly image: string;
  /** Inside the container. */
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  readonly answers: (port: number) => Promise<boolean>;
}

/** The same servers as the recipes' where there are images. The data go with the container. */
const images: Partial<Readonly<Record<ServerName, Image>>> = {
  redis: {
    image: 'redis:7.2.5',
    port: 6379,
    env: {},
    command: ['redis-server', '--save', '', '--appendonly', 'yes', '--maxmemory-policy', 'noeviction'],
    answers: (port) => answersRedis('127.0.0.1', port),
  },
  elasticsearch: {
    image: 'docker.elastic.co/elasticsearch/elasticsearch:9.4.3',
    port: 9200,
    env: { 'discovery.type': 'single-node', 'xpack.security.enabled': 'false', ES_JAVA_OPTS: '-Xms512m -Xmx512m' },
    command: [],
    answers: (port) => answersHttp(`http://127.0.0.1:${port}/_cluster/health?wait_for_status=yellow&timeout=30s`),
  },
  s3: {
    image: 'minio/minio:RELEASE.2025-09-07T16-13-09Z',
    port: 9000,
    env: {
      MINIO_ROOT_USER: testServerCredentials.accessKeyId,
      MINIO_ROOT_PASSWORD: testServerCredentials.secretAccessKey,
    },
    command: ['server', '/data'],
    answers: (port) => answersHttp(`http://127.0.0.1:${port}/minio/health/ready`),
  },
};

/** A client may be there without an engine: only the engine's own answer counts. */
export function hasDockerEngine(): boolean {
  return spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 10_000 }).status === 0;
}

/** The recipe that runs the server in a container in the foreground, or undefined where no image is known. */
export function containerRecipe(name: ServerName, native: Recipe): Recipe | undefined {
  const image = images[name];
  if (image === undefined) return undefined;
  return {
    title: `${image.image} in Docker`,
    scheme: native.scheme,
    usualPort: native.usualPort,
    needs: [],
    isInstalled: () => spawnSync('docker', ['image', 'inspect', image.image], { stdio: 'ignore' }).status === 0,
    install: () => runCommand('docker', ['pull', '--quiet', image.image]),
    launch: (launch) => launchContainer(image, launch),
  };
}

/** Which engine: what the client reads of the environment. */
function engine(): Readonly<Record<string, string>> {
  const names = ['DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_CERT_PATH', 'DOCKER_TLS_VERIFY'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** The client passes SIGTERM on, and the engine removes the container when it has stopped. */
async function launchContainer({ image, port, env, command, answers }: Image, launch: Launch): Promise<void> {
  const variables = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  const published = `127.0.0.1:${launch.port}:${port}`;
  const client = await launch.begin({
    command: 'docker',
    args: ['run', '--rm', '--init', '--publish', published, ...variables, image, ...command, ...launch.args],
    env: engine(),
  });
  await client.until(() => answers(launch.port));
}
