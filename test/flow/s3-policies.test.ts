import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Bucket, type ObjectVersion, type StorageCredentials } from '#object-storage';
import { describeVariant } from '../describe-variant.ts';
import { MinioUsers } from '../minio/users.ts';
import { Muniment } from '../muniment.ts';
import { policyText, principals } from '../s3-principals.ts';
import { ownServer, type OwnServer, testServerCredentials as owner } from '../servers.ts';

const refused = { code: 'refused' };
const timeoutMs = 60_000;

/** MinIO asks for the same right to destroy a version as to hide it. */
function forMinio(policy: string): string {
  return policy.replaceAll('"s3:DeleteObjectVersion"', '"s3:DeleteObjectVersion", "s3:DeleteObject"');
}

function messageOf(subject: string): string {
  return `From: a@one.example\r\nSubject: ${subject}\r\n\r\n${subject}\r\n`;
}

describeVariant('s3', 'with the policies of infra/s3', () => {
  let server: OwnServer;
  let base: Muniment;
  const credentials = new Map<string, StorageCredentials>();

  const program = (who: StorageCredentials): Muniment => {
    const url = `s3://muniment-record/mail?endpoint=${server.url}&scratch=muniment-scratch/mail`;
    return base.on(url, {
      AWS_ACCESS_KEY_ID: who.accessKeyId,
      AWS_SECRET_ACCESS_KEY: who.secretAccessKey,
      SECRETS_DIR: base.path('secrets'),
      STATE_DIR: base.path('state'),
      LOG_LEVEL: 'error',
    });
  };
  const as = (name: string): Muniment => program(credentialsOf(name));
  const credentialsOf = (name: string): StorageCredentials => {
    const found = credentials.get(name);
    if (found === undefined) throw new Error(`there is no ${name}`);
    return found;
  };
  const record = (who: StorageCredentials): Bucket =>
    new Bucket({
      bucket: 'muniment-record',
      prefix: 'mail/',
      region: 'us-east-1',
      endpoint: server.url,
      credentials: who,
      limits: { attemptsMax: 1 },
    });
  const write = async (name: string, subject: string): Promise<string> => {
    const path = base.path(name, 'someone', 'inbox', '1.eml');
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, messageOf(subject));
    return base.path(name);
  };
  const versionsOf = async (prefix: string): Promise<ObjectVersion[]> => {
    await using bucket = record(owner);
    const found: ObjectVersion[] = [];
    for await (const version of bucket.versions(prefix)) found.push(version);
    return found;
  };
  const digestOf = async (query: string): Promise<string> => {
    const [hit] = (await as('api').ok('search', query)).json;
    return String(hit?.['digest']);
  };

  /** The version of the message that is held. */
  const evidence = async (): Promise<ObjectVersion> => {
    const found = (await versionsOf('archive/')).filter(({ size }) => size === messageOf('heron').length);
    if (found[0] === undefined) throw new Error('the evidence was not captured');
    return found[0];
  };

  beforeAll(async () => {
    server = await ownServer('s3');
    base = await Muniment.make();
    await program(owner).ok('buckets', 'create');
    const users = new MinioUsers(server.url, owner);
    for (const name of new Set([...principals().values()].flat()))
      await users.addPolicy(name, forMinio(policyText(name)));
    for (const [name, own] of principals()) credentials.set(name, await users.addUser(name, own));
  }, timeoutMs);
  afterAll(async () => {
    await base[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test(
    'a worker captures, and the disposer destroys what nothing holds',
    async () => {
      const { json } = await as('worker').ok('import', await write('junk', 'junk'));
      expect(json.at(-1)).toMatchObject({ found: 1, captured: 1 });
      const digest = await digestOf('junk');
      const [stored] = await versionsOf('archive/');
      await using worker = record(credentialsOf('worker'));
      const { key = '', versionId = '' } = stored ?? {};
      await expect(worker.deleteVersion(key, versionId)).rejects.toMatchObject(refused);
      await as('disposer').ok('dispose', digest, '--reason', 'r');
      const left = await versionsOf('archive/');
      expect(left.map((one) => one.key)).toEqual([key]);
      expect(left[0]?.versionId).not.toBe(versionId);
    },
    timeoutMs,
  );

  test(
    'a worker locks and holds what it captures',
    async () => {
      await as('api').ok('retention', 'set', '--default', '1y');
      await as('api').ok('matter', 'create', 'm');
      await as('api').ok('hold', 'place', '--matter', 'm', '--query', 'heron', '--reason', 'r');
      const { json } = await as('worker').ok('import', await write('evidence', 'heron'));
      expect(json.at(-1)).toMatchObject({ found: 1, captured: 1 });
      await using bucket = record(owner);
      const { key, versionId } = await evidence();
      const lock = await bucket.lockOf(key, versionId);
      expect(lock).toMatchObject({ mode: 'governance', legalHold: true, retainUntil: expect.any(Number) });
    },
    timeoutMs,
  );

  test.each(['worker', 'api', 'committer'] as const)(
    'the %s releases no hold, and destroys and hides nothing',
    async (name) => {
      const all = await versionsOf('');
      const { key, versionId } = await evidence();
      const sidecar = all.find((one) => one.key.startsWith('ledger/sidecar/'));
      await using bucket = record(credentialsOf(name));
      await expect(bucket.putLegalHold(key, versionId, false)).rejects.toMatchObject(refused);
      for (const one of all) {
        await expect(bucket.deleteVersion(one.key, one.versionId)).rejects.toMatchObject(refused);
        const bypassing = bucket.deleteVersion(one.key, one.versionId, { bypassGovernance: true });
        await expect(bypassing).rejects.toMatchObject(refused);
      }
      expect(await bucket.removeAll([{ key }, { key: sidecar?.key ?? '' }])).toHaveLength(2);
      expect(await versionsOf('')).toEqual(all);
    },
  );

  test(
    'a process that may erase nothing starts where an erasure was cut short, and leaves it to one that may',
    async () => {
      await using bucket = record(owner);
      const [{ key } = { key: '' }] = await versionsOf('ledger/sidecar/');
      const { bytes } = await bucket.get(key);
      await bucket.put(key.replace('sidecar', 'erasing'), bytes);
      await bucket.put(key, bytes);
      await as('worker').ok('status');
      expect(await versionsOf(key)).toHaveLength(2);
      await as('scheduler').ok('status');
      expect(await versionsOf(key)).toHaveLength(1);
      expect(await versionsOf('ledger/erasing/')).toEqual([]);
    },
    timeoutMs,
  );

  test(
    'the releaser releases, and destroys nothing',
    async () => {
      const { key, versionId } = await evidence();
      const [hold] = (await as('api').ok('hold', 'list')).json;
      await as('releaser').ok('hold', 'release', String(hold?.['id']), '--reason', 'r');
      await using bucket = record(credentialsOf('releaser'));
      expect(await bucket.lockOf(key, versionId)).toMatchObject({ mode: 'governance', legalHold: false });
      await expect(bucket.deleteVersion(key, versionId)).rejects.toMatchObject(refused);
      const bypassing = bucket.deleteVersion(key, versionId, { bypassGovernance: true });
      await expect(bypassing).rejects.toMatchObject(refused);
    },
    timeoutMs,
  );

  test(
    'the scheduler examines storage, and finds that it keeps its locks',
    async () => {
      const { json } = await as('scheduler').run('doctor');
      const ofStorage = json.filter(({ about }) => about === 'storage');
      expect(ofStorage.length).toBeGreaterThan(20);
      const ofLock = ofStorage.filter(({ severity }) => severity !== 'fault');
      expect(ofLock.filter(({ outcome }) => outcome === 'failed' || outcome === 'undecided')).toEqual([]);
      expect(ofLock).toContainEqual(expect.objectContaining({ name: 'bypass-governance', outcome: 'passed' }));
    },
    timeoutMs,
  );

  test('the disposer may destroy, and storage keeps what its lock keeps', async () => {
    const { key, versionId } = await evidence();
    await using bucket = record(credentialsOf('disposer'));
    await expect(bucket.deleteVersion(key, versionId)).rejects.toMatchObject(refused);
    const bypassing = bucket.deleteVersion(key, versionId, { bypassGovernance: true });
    await expect(bypassing).rejects.toMatchObject(refused);
  });
});
