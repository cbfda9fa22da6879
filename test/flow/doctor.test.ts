import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { newId, systemClock } from '#kernel';
import { readConfig } from '../../services/app/config.ts';
import { probesOf } from '../../services/app/doctor.ts';
import { describeVariant } from '../describe-variant.ts';
import { Muniment } from '../muniment.ts';
import { lockedBucket } from '../s3-buckets.ts';
import { ServedProgram } from '../served-program.ts';
import { sharedServer, testServerCredentials } from '../servers.ts';

const PROGRAM = fileURLToPath(new URL('../../services/app/main.ts', import.meta.url));
const machine = ['node-version', 'free-disk', 'file-system'];

describe('muniment doctor', () => {
  test('examines the machine where an archive lies in a folder, and leaves nothing there', async () => {
    await using muniment = await Muniment.make();
    const { json } = await muniment.ok('doctor');
    expect(json.slice(0, -1).map(({ name }) => name)).toEqual(machine);
    expect(json.at(-1)).toEqual({ probes: machine.length, failed: 0, undecided: 0 });
  });

  test('runs where the archive is served', async () => {
    await using muniment = await Muniment.make();
    await ServedProgram.start(muniment);
    const { json } = await muniment.ok('doctor');
    expect(json.at(-1)).toEqual({ probes: machine.length, failed: 0, undecided: 0 });
  });

  test('a probe that fails makes exit code 1 and says what follows', async () => {
    await using muniment = await Muniment.make({ env: { QUEUE_URL: 'redis://127.0.0.1:9/0' } });
    const { code, json } = await muniment.run('doctor');
    expect(code).toBe(1);
    expect(json.filter(({ outcome }) => outcome === 'undecided')).toHaveLength(5);
  });

  test('tries what the configuration names, and no more', async () => {
    const env = { ARCHIVE_URL: 's3://a-bucket/part', SECRETS_DIR: 'secrets', SEARCH_URL: 'http://localhost:9/mail' };
    await using list = await probesOf(readConfig({ ...env, QUEUE_URL: 'redis://localhost:9' }), systemClock);
    const names = list.probes.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([...machine, 'delete-version', 'redis-eviction', 'elasticsearch-disks']),
    );
    expect(new Set(names).size).toBe(names.length);
  });
});

describeVariant('s3', 'muniment doctor on a bucket', () => {
  test('attacks the bucket that ARCHIVE_URL names, before anything is kept in it', async () => {
    const { url } = await sharedServer('s3');
    await using bucket = await lockedBucket('s3', { prefix: `${newId()}/` });
    await using muniment = await Muniment.make();
    const { accessKeyId, secretAccessKey } = testServerCredentials;
    const archive = `s3://${bucket.name}/${bucket.prefix}?endpoint=${url}`;
    const env = {
      PATH: process.env['PATH'],
      ARCHIVE_URL: archive,
      SECRETS_DIR: 'secrets',
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    };
    const child = spawn(process.execPath, [PROGRAM, 'doctor'], { env, cwd: muniment.folder });
    const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
    expect(printed).toContain('ok    delete-version: refused');
    expect(printed).toContain('FAIL  key-below-key:');
    expect(printed).toContain('A key that begins with another key and "/" is lost from sight.');
    expect(printed.trimEnd().split('\n').at(-1)).toMatch(/^\d+ probes: 1 failed, 0 undecided$/u);
    expect(code).toBe(1);
  });
});
