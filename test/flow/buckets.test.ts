import { expect, test } from '@jest/globals';
import { newId } from '#kernel';
import { Bucket, bucketSettings } from '#object-storage';
import { describeVariant } from '../describe-variant.ts';
import { Muniment } from '../muniment.ts';
import { bucketOptions } from '../s3-buckets.ts';
import { testServerCredentials } from '../servers.ts';

const credentials = {
  AWS_ACCESS_KEY_ID: testServerCredentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: testServerCredentials.secretAccessKey,
};

async function bucketNamed(bucket: string): Promise<Bucket> {
  return new Bucket(await bucketOptions('s3', { bucket }));
}

async function createdBy(record: string, scratch: string) {
  const { endpoint } = await bucketOptions('s3');
  await using program = await Muniment.make({ env: credentials });
  const env = { ...credentials, STATE_DIR: program.path('state'), SECRETS_DIR: program.path('secrets') };
  const url = `s3://${record}/mail?endpoint=${endpoint ?? ''}&scratch=${scratch}/mail`;
  return await program.on(url, env).run('buckets', 'create');
}

describeVariant('s3', 'buckets create', () => {
  test('makes a record that locks and a scratch that does not, and finds them there the next time', async () => {
    const [record, scratch] = [`record-${newId()}`, `scratch-${newId()}`];
    const first = await createdBy(record, scratch);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.json).toEqual([
      { bucket: record, objectLock: true },
      { bucket: scratch, objectLock: false },
    ]);
    await using locked = await bucketNamed(record);
    expect(await bucketSettings(locked)).toEqual({ versioning: true, objectLock: true, defaultRetention: false });
    await using free = await bucketNamed(scratch);
    expect(await bucketSettings(free)).toMatchObject({ objectLock: false });
    expect(await createdBy(record, scratch)).toMatchObject({ code: 0, json: first.json });
  });

  test('refuses a record that is there without Object Lock, and leaves it as it is', async () => {
    const record = `record-${newId()}`;
    await using bucket = await bucketNamed(record);
    await bucket.make({ objectLock: false });
    const refused = await createdBy(record, `scratch-${newId()}`);
    expect(refused.code).toBe(2);
    expect(refused.json).toMatchObject([{ error: 'unsuitable-bucket' }]);
    expect(await bucketSettings(bucket)).toMatchObject({ objectLock: false });
  });
});
