import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { TimeZone } from '#search';
import { readConfig } from '../../../services/app/config.ts';
import { folderOf } from '../../../services/app/store-urls.ts';

describe('configuration', () => {
  test('of nothing is an archive beside the caller, on loopback, without TLS or backups', () => {
    expect(readConfig({})).toEqual({
      archive: { kind: 'folder', folder: resolve('data') },
      search: { kind: 'embedded' },
      queue: { kind: 'in-process' },
      stateFolder: resolve('data'),
      secretsFolder: resolve('data', 'secrets'),
      connectAllow: undefined,
      listen: { host: '127.0.0.1', port: 8640 },
      committer: { host: '127.0.0.1', port: 0, announced: undefined },
      tls: undefined,
      collectEverySeconds: 300,
      querySeconds: 30,
      timeZone: TimeZone.utc,
      backup: undefined,
      logLevel: 'info',
    });
  });

  test('an empty variable is one that is not set', () => {
    expect(readConfig({ LISTEN_PORT: '', LISTEN_HOST: '', BACKUP_CRON: '', TLS_KEY_FILE: '' })).toEqual(readConfig({}));
  });

  test('what is typed outweighs ARCHIVE_URL; secrets may lie elsewhere', () => {
    const config = readConfig({ ARCHIVE_URL: 'file:/one', SECRETS_DIR: '/safe' }, 'file:/two');
    expect(config).toMatchObject({ archive: { folder: '/two' }, stateFolder: '/two', secretsFolder: '/safe' });
  });

  test('an archive in a bucket, its index and its queue are named by URLs', () => {
    const config = readConfig({
      ARCHIVE_URL:
        's3://mail/north?endpoint=http://127.0.0.1:9000&region=eu-central-1&mode=compliance&scratch=mail-scratch/north',
      SEARCH_URL: 'https://reader:secret@search.example:9200/north',
      QUEUE_URL: 'redis://queue.example:6379/2',
      STATE_DIR: '/state',
      SECRETS_DIR: '/secrets',
    });
    expect(config).toMatchObject({
      archive: {
        kind: 's3',
        bucket: 'mail',
        prefix: 'north/',
        endpoint: 'http://127.0.0.1:9000',
        region: 'eu-central-1',
        mode: 'compliance',
        scratch: { bucket: 'mail-scratch', prefix: 'north/' },
      },
      search: { kind: 'elasticsearch', node: 'https://reader:secret@search.example:9200/', name: 'north' },
      queue: { kind: 'redis', url: 'redis://queue.example:6379/2' },
      stateFolder: '/state',
      secretsFolder: '/secrets',
    });
  });

  test('what may be a password is not repeated', () => {
    const read = () => readConfig({ QUEUE_URL: 'http://somebody:secret@queue.example' });
    expect(read).toThrow(expect.objectContaining({ message: expect.not.stringContaining('secret') }));
  });

  test('a backup without a time is made every night', () => {
    expect(readConfig({ BACKUP_TO: 'file:/b' }).backup).toEqual({ to: 'file:/b', cron: '15 2 * * *' });
  });

  test.each([
    ['LISTEN_PORT', { LISTEN_PORT: '65536' }],
    ['LISTEN_PORT', { LISTEN_PORT: 'http' }],
    ['COLLECT_EVERY_SECONDS', { COLLECT_EVERY_SECONDS: '0' }],
    ['QUERY_SECONDS', { QUERY_SECONDS: '0' }],
    ['LOG_LEVEL', { LOG_LEVEL: 'loud' }],
    ['TIME_ZONE', { TIME_ZONE: 'Nowhere/Land' }],
    ['TLS_CERT_FILE', { TLS_KEY_FILE: 'key.pem' }],
    ['TLS_KEY_FILE', { TLS_CERT_FILE: 'cert.pem' }],
    ['BACKUP_TO', { BACKUP_CRON: '0 0 * * *' }],
    ['BACKUP_TO', { BACKUP_TO: 's3://bucket' }],
    ['BACKUP_CRON', { BACKUP_TO: 'file:/b', BACKUP_CRON: '61 * * * *' }],
    ['CONNECT_ALLOW', { CONNECT_ALLOW: '10.0.0.0/99' }],
    ['SECRETS_DIR', { ARCHIVE_URL: 's3://bucket' }],
    ['ARCHIVE_URL', { ARCHIVE_URL: 's3://bucket?endpont=http://127.0.0.1:9000', SECRETS_DIR: '/s' }],
    ['ARCHIVE_URL', { ARCHIVE_URL: 's3://bucket?endpoint=127.0.0.1:9000', SECRETS_DIR: '/s' }],
    ['ARCHIVE_URL', { ARCHIVE_URL: 's3://bucket?mode=worm', SECRETS_DIR: '/s' }],
    ['ARCHIVE_URL', { ARCHIVE_URL: 's3://key:secret@bucket', SECRETS_DIR: '/s' }],
    ['ARCHIVE_URL', { ARCHIVE_URL: 's3://bucket/a?scratch=bucket/a/b', SECRETS_DIR: '/s' }],
    ['SEARCH_URL', { SEARCH_URL: 'http://127.0.0.1:9200' }],
    ['SEARCH_URL', { SEARCH_URL: 'http://127.0.0.1:9200/Upper' }],
    ['SEARCH_URL', { SEARCH_URL: 'redis://127.0.0.1:6379' }],
    ['QUEUE_URL', { QUEUE_URL: 'http://127.0.0.1:6379' }],
    ['STATE_DIR', { STATE_DIR: '/elsewhere' }],
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

  test.each(['file:', 'ftp://bucket', 'https://example.org/x', 'file:%zz'])('%s names no folder', (url) => {
    expect(() => folderOf(url, '--archive')).toThrow(expect.objectContaining({ code: 'configuration-invalid' }));
  });
});
