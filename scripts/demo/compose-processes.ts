import { join } from 'node:path';
import { composeServices, interpolated, ourImage } from '../compose-file.ts';
import { testServerCredentials } from '../services/recipe.ts';

/** Where the servers are, and where processes keep what is theirs. */
export interface Places {
  readonly s3: string;
  readonly elasticsearch: string;
  readonly redis: string;
  /** Stands for /var/lib/muniment. */
  readonly folder: string;
}

/** A process of docker-compose.yml as it is run on this machine. */
export interface NativeProcess {
  readonly name: string;
  /** What the program is told. */
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

const settings = {
  S3_ACCESS_KEY: testServerCredentials.accessKeyId,
  S3_SECRET_KEY: testServerCredentials.secretAccessKey,
  // Of the servers in containers; those here ask for none.
  ELASTIC_PASSWORD: 'none',
  REDIS_PASSWORD: 'none',
  LOG_LEVEL: 'warn',
};

/** Any port that is free, on this machine only: a committer says itself where it is. */
const listening = { LISTEN_HOST: '127.0.0.1', LISTEN_PORT: '0', COMMITTER_HOST: '127.0.0.1', COMMITTER_PORT: '0' };

/** The addresses of servers and volumes in docker-compose.yml. */
const composePlaces = {
  s3: /http:\/\/object-storage:9000/gu,
  elasticsearch: /http:\/\/[^/@]*@elasticsearch:9200/gu,
  redis: /redis:\/\/[^/@]*@redis:6379/gu,
  folder: /\/var\/lib\/muniment/gu,
} as const satisfies Readonly<Record<keyof Places, RegExp>>;

/** Every process of the program in docker-compose.yml with its command and environment, at other places. */
export function composeProcesses(places: Places): readonly NativeProcess[] {
  return Object.entries(composeServices())
    .filter(([, { image }]) => image === ourImage)
    .flatMap(([service, { command, environment, deploy }]) => {
      return Array.from({ length: deploy.replicas }, (_, index) => {
        const name = deploy.replicas > 1 ? `${service}-${index + 1}` : service;
        return { name, words: command, environment: environmentOf(name, environment, places) };
      });
    });
}

function environmentOf(
  name: string,
  inCompose: Readonly<Record<string, string>>,
  places: Places,
): Readonly<Record<string, string>> {
  // A committer announces the address that it has, where it is not told another one.
  const { COMMITTER_URL: _announced, ...rest } = inCompose;
  const moved = Object.entries(rest).map(([variable, value]) => {
    return [
      variable,
      listening[variable as keyof typeof listening] ?? elsewhere(interpolated(value, settings), places),
    ];
  });
  return { ...(Object.fromEntries(moved) as Record<string, string>), STATE_DIR: join(places.folder, 'state', name) };
}

function elsewhere(value: string, places: Places): string {
  const names = Object.keys(composePlaces) as (keyof Places)[];
  return names.reduce((text, place) => text.replaceAll(composePlaces[place], places[place]), value);
}
