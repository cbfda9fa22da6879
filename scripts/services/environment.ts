import { testServerCredentials, type ServerName } from './recipe.ts';

/**
 * Servers that run already, by address. The names say TEST, since tests write to them, empty databases and leave things
 * behind: never the address of a server that somebody needs.
 */
const variables: Readonly<Record<ServerName, string>> = {
  redis: 'TEST_REDIS_URL',
  elasticsearch: 'TEST_ELASTICSEARCH_URL',
  s3: 'TEST_S3_URL',
  's3-versity': 'TEST_S3_VERSITY_URL',
  's3-ceph': 'TEST_S3_CEPH_URL',
};

/** The variable that gives the server's address, and what it says. @throws when that is no address */
export function serverFromEnvironment(
  name: ServerName,
): { readonly variable: string; readonly url: string } | undefined {
  const variable = variables[name];
  const url = process.env[variable];
  if (url === undefined || url === '') return undefined;
  if (!URL.canParse(url)) throw new Error(`${variable} is not a URL: ${url}`);
  return { variable, url: url.replace(/\/$/u, '') };
}

/** TEST_S3_ACCESS_KEY_ID and TEST_S3_SECRET_ACCESS_KEY; those of the servers started here when they are not set. */
export const credentials = {
  accessKeyId: process.env['TEST_S3_ACCESS_KEY_ID'] ?? testServerCredentials.accessKeyId,
  secretAccessKey: process.env['TEST_S3_SECRET_ACCESS_KEY'] ?? testServerCredentials.secretAccessKey,
};
