import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { answersHttp } from './answers.ts';
import { go, goProgramPath, installGoProgram } from './go-program.ts';
import { type Recipe, testServerCredentials } from './recipe.ts';

/** Keeps locks in extended attributes: the folder must be on ext4, xfs, or tmpfs of Linux 6.6. */
export const versity: Recipe = {
  title: 'Versity S3 Gateway 1.8.0 (built here)',
  scheme: 'http',
  usualPort: 7070,
  needs: [go],
  isInstalled: () => existsSync(goProgramPath('versitygw')),
  install: () => installGoProgram('versitygw', 'github.com/versity/versitygw/cmd/versitygw@v1.8.0'),
  launch: async ({ port, folder, args, begin }) => {
    const address = `127.0.0.1:${port}`;
    const [objects, versions] = [join(folder, 'obj'), join(folder, 'ver')];
    for (const path of [objects, versions]) await mkdir(path, { recursive: true });
    const server = await begin({
      command: goProgramPath('versitygw'),
      // Never with --keep-alive: a chunked upload then leaves bytes on the connection that spoil the next request.
      args: [
        '--port',
        address,
        '--region',
        'us-east-1',
        '--health',
        '/health',
        '--quiet',
        'posix',
        ...args,
        '--versioning-dir',
        versions,
        objects,
      ],
      env: {
        ROOT_ACCESS_KEY_ID: testServerCredentials.accessKeyId,
        ROOT_SECRET_ACCESS_KEY: testServerCredentials.secretAccessKey,
      },
    });
    await server.until(() => answersHttp(`http://${address}/health`));
  },
};
