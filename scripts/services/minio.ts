import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { answersHttp } from './answers.ts';
import { go, goProgramPath, installGoProgram } from './go-program.ts';
import { type Recipe, testServerCredentials } from './recipe.ts';

/** AGPL-3.0: a program of its own, never linked. The last public commit (2026-02-12); there will be no newer one. */
const packageAtVersion = 'github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c';

export const minio: Recipe = {
  title: 'MinIO (built here)',
  scheme: 'http',
  usualPort: 9000,
  needs: [go],
  isInstalled: () => existsSync(goProgramPath('minio')),
  install: () => installGoProgram('minio', packageAtVersion),
  launch: async ({ port, folder, args, begin }) => {
    const address = `127.0.0.1:${port}`;
    const server = await begin({
      command: goProgramPath('minio'),
      args: ['server', '--address', address, '--quiet', ...args, join(folder, 'data')],
      env: {
        MINIO_ROOT_USER: testServerCredentials.accessKeyId,
        MINIO_ROOT_PASSWORD: testServerCredentials.secretAccessKey,
        MINIO_BROWSER: 'off',
        MINIO_UPDATE: 'off',
      },
    });
    await server.until(() => answersHttp(`http://${address}/minio/health/ready`));
  },
};
