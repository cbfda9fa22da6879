import { commandPath } from '../command-path.ts';
import { answersRedis } from './answers.ts';
import type { Recipe } from './recipe.ts';

/** Debian's package. With an append-only file and noeviction, as BullMQ needs it. */
export const redis: Recipe = {
  title: "Redis (Debian's package)",
  scheme: 'redis',
  usualPort: 6379,
  needs: [{ command: 'redis-server', debian: 'redis-server' }],
  isInstalled: () => commandPath('redis-server') !== undefined,
  install: async () => undefined,
  launch: async ({ port, folder, args, begin }) => {
    const server = await begin({
      command: commandPath('redis-server') ?? 'redis-server',
      args: [
        '--bind',
        '127.0.0.1',
        '--port',
        String(port),
        '--dir',
        folder,
        '--daemonize',
        'no',
        '--save',
        '',
        '--appendonly',
        'yes',
        '--appendfsync',
        'everysec',
        '--maxmemory-policy',
        'noeviction',
        ...args,
      ],
    });
    await server.until(() => answersRedis('127.0.0.1', port));
  },
};
