import { mkdir } from 'node:fs/promises';
import { newId } from '#kernel';
import { Muniment } from './muniment.ts';
import { type ServerName, sharedServer, testServerCredentials } from './servers.ts';
import type { VariantName } from './variants.ts';

/** Where the parts of an archive lie, each in a folder or on a real server. */
export interface Profile {
  readonly name: string;
  readonly needs: readonly VariantName[];
  readonly archive: 'folder' | 's3';
  readonly search: 'embedded' | 'elasticsearch';
  readonly queue: 'in-process' | 'redis';
}

export const onServers: Profile = {
  name: 'S3, Elasticsearch and Redis',
  needs: ['s3', 'elasticsearch', 'redis'],
  archive: 's3',
  search: 'elasticsearch',
  queue: 'redis',
};

export const mixed: readonly Profile[] = [
  {
    name: 'a folder and Elasticsearch',
    needs: ['elasticsearch'],
    archive: 'folder',
    search: 'elasticsearch',
    queue: 'in-process',
  },
  { name: 'a folder and Redis', needs: ['redis'], archive: 'folder', search: 'embedded', queue: 'redis' },
  { name: 'S3 and the embedded index', needs: ['s3'], archive: 's3', search: 'embedded', queue: 'in-process' },
];

/** An archive of a profile that nothing else uses, and the program on it. */
export interface PlacedArchive extends AsyncDisposable {
  readonly program: Muniment;
  /** Which the program is run with. */
  readonly env: Readonly<Record<string, string>>;
  /** As ARCHIVE_URL. */
  readonly url: string;
  /** Base address of its indices; undefined for the embedded one. */
  readonly indexUrl: string | undefined;
  /** The program as another process, with a state of its own. */
  process(name: string, env?: Readonly<Record<string, string>>): Promise<Muniment>;
}

/** @param urlOf where the servers are; those that the tests share, unless a test brings its own */
export async function placeArchive(
  profile: Profile,
  urlOf: (server: ServerName) => Promise<string> = sharedUrl,
): Promise<PlacedArchive> {
  const id = newId().slice(0, 12);
  const base = await Muniment.make();
  const indexUrl = profile.search === 'embedded' ? undefined : `${await urlOf('elasticsearch')}/t${id}`;
  const common = {
    ...(profile.archive === 's3' && {
      AWS_ACCESS_KEY_ID: testServerCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: testServerCredentials.secretAccessKey,
      SECRETS_DIR: base.path('secrets'),
    }),
    ...(indexUrl !== undefined && { SEARCH_URL: indexUrl }),
    ...(profile.queue === 'redis' && { QUEUE_URL: `${await urlOf('redis')}/0` }),
    LISTEN_PORT: '0',
    LOG_LEVEL: 'error',
  };
  useCredentials(common);
  const url = profile.archive === 'folder' ? base.archive : bucketUrl(await urlOf('s3'), id);
  const process = async (name: string, env = {}): Promise<Muniment> => {
    if (profile.archive === 'folder') return base.on(url, { ...common, ...env });
    await mkdir(base.path('state'), { recursive: true });
    return base.on(url, { ...common, ...env, STATE_DIR: base.path('state', name) });
  };
  const program = await process('first');
  if (profile.archive === 's3') await program.ok('buckets', 'create');
  const env = profile.archive === 's3' ? { ...common, STATE_DIR: base.path('state', 'first') } : common;
  return { program, env, url, indexUrl, process, [Symbol.asyncDispose]: () => base[Symbol.asyncDispose]() };
}

/** For a deployment in this process: the client of S3 takes its credentials from the environment, as everywhere. */
export function useCredentials(env: Readonly<Record<string, string>>): void {
  Object.assign(process.env, Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('AWS_'))));
}

async function sharedUrl(server: ServerName): Promise<string> {
  return (await sharedServer(server)).url;
}

function bucketUrl(endpoint: string, id: string): string {
  return `s3://record-${id}/mail?endpoint=${endpoint}&scratch=scratch-${id}/mail`;
}
