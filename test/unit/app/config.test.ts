import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { folderOf, readConfig } from '../../../services/app/config.ts';

describe('configuration', () => {
  test('of nothing is an archive beside the caller, on loopback, without TLS or backups', () => {
    expect(readConfig({})).toEqual({
      archiveFolder: resolve('data'),
      secretsFolder: resolve('data', 'secrets'),
      connectAllow: undefined,
      listen: { host: '127.0.0.1', port: 8640 },
      tls: undefined,
      collectEverySeconds: 300,
      backup: undefined,
      logLevel: 'info',
    });
  });

  test('an empty variable is one that is not set', () => {
    expect(readConfig({ LISTEN_PORT: '', LISTEN_HOST: '', BACKUP_CRON: '', TLS_KEY_FILE: '' })).toEqual(readConfig({}));
  });

  test('what is typed outweighs ARCHIVE_URL; secrets may lie elsewhere', () => {
    const config = readConfig({ ARCHIVE_URL: 'file:/one', SECRETS_DIR: '/safe' }, 'file:/two');
    expect(config).toMatchObject({ archiveFolder: '/two', secretsFolder: '/safe' });
  });

  test('a backup without a time is made every night', () => {
    expect(readConfig({ BACKUP_TO: 'file:/b' }).backup).toEqual({ to: 'file:/b', cron: '15 2 * * *' });
  });

  test.each([
    ['LISTEN_PORT', { LISTEN_PORT: '65536' }],
    ['LISTEN_PORT', { LISTEN_PORT: 'http' }],
    ['COLLECT_EVERY_SECONDS', { COLLECT_EVERY_SECONDS: '0' }],
    ['LOG_LEVEL', { LOG_LEVEL: 'loud' }],
    ['TLS_CERT_FILE', { TLS_KEY_FILE: 'key.pem' }],
    ['TLS_KEY_FILE', { TLS_CERT_FILE: 'cert.pem' }],
    ['BACKUP_TO', { BACKUP_CRON: '0 0 * * *' }],
    ['BACKUP_TO', { BACKUP_TO: 's3://bucket' }],
    ['BACKUP_CRON', { BACKUP_TO: 'file:/b', BACKUP_CRON: '61 * * * *' }],
    ['CONNECT_ALLOW', { CONNECT_ALLOW: '10.0.0.0/99' }],
    ['ARCHIVE_URL', { ARCHIVE_URL: 's3://bucket' }],
  ])('a contradiction or nonsense names %s', (name, env) => {
    const fault = { code: 'configuration-invalid', message: expect.stringContaining(name) };
    expect(() => readConfig(env)).toThrow(expect.objectContaining(fault));
  });

  test.each([
    ['file:./data', resolve('data')],
    ['file:data', resolve('data')],
    ['data', resolve('data')],
    ['/a b', '/a b'],
    ['file:/a%20b', '/a b'],
    ['file:///a%20b', '/a b'],
    ['file://localhost/a', '/a'],
    ['file:../%C3%A4', join(resolve('..'), 'ä')],
  ])('%s is the folder %s', (url, folder) => {
    expect(folderOf(url, '--archive')).toBe(folder);
  });

  test.each(['file:', 's3://bucket', 'https://example.org/x', 'file:%zz'])('%s names no folder', (url) => {
    expect(() => folderOf(url, '--archive')).toThrow(expect.objectContaining({ code: 'configuration-invalid' }));
  });
});
