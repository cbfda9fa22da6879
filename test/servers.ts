import { credentials, serverFromEnvironment } from '../scripts/services/environment.ts';
import type { ServerName } from '../scripts/services/recipe.ts';
import { notInstalled } from '../scripts/services/recipes.ts';
import { sharedServersVariable, startInTemporaryFolder } from '../scripts/services/shared-servers.ts';

export type { ServerName } from '../scripts/services/recipe.ts';

/** Who the S3 servers let in: the owner of everything. */
export const testServerCredentials: { readonly accessKeyId: string; readonly secretAccessKey: string } = credentials;

/**
 * Address of the test run's shared server, started at first use by the process that runs the tests and stopped with it.
 * Tests share it: use a bucket, key prefix, database prefix or index name of your own (random). The suite is wrapped in
 * `describeVariant` with the same name.
 */
export async function sharedServer(name: ServerName): Promise<{ readonly url: string }> {
  const door = process.env[sharedServersVariable];
  if (door === undefined) throw new Error('The servers are started by npm test -- FILE.');
  const response = await fetch(`${door}/${name}`);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return { url: text };
}

/** A real server that belongs to one test, which may kill it. */
export interface OwnServer extends AsyncDisposable {
  readonly url: string;
  /** Of the process that listens; another after each start. */
  readonly pid: number;
  /** SIGKILL, and waits. */
  kill(): Promise<void>;
  /** SIGTERM, and waits. */
  stop(): Promise<void>;
  /** Again, on the same port, with the same data; answers when it does. */
  start(): Promise<void>;
}

/**
 * A fresh server on a free port, with data of its own that go with it; `args` are more arguments in the server's own form
 * (`--appendonly no`;
 * for Elasticsearch settings `name=value` and Java's own, `-Xmx1g`).
 */
export async function ownServer(
  name: ServerName,
  options: { readonly args?: readonly string[] } = {},
): Promise<OwnServer> {
  const missing = notInstalled(name);
  const given = serverFromEnvironment(name);
  if (missing !== undefined && given !== undefined) {
    throw new Error(`${given.variable} gives a server, but this test kills its own, which is ${missing}`);
  }
  if (missing !== undefined) throw new Error(`${name} is ${missing}`);
  return await startInTemporaryFolder(name, options.args);
}
