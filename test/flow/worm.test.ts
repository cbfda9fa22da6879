import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { newId, systemClock } from '#kernel';
import { Ledger } from '#ledger';
import { Bucket } from '#object-storage';
import { S3LedgerStore } from '../../services/ledger/adapters/s3-ledger-store.ts';
import { describeVariant } from '../describe-variant.ts';
import { Muniment } from '../muniment.ts';
import { bucketOptions } from '../s3-buckets.ts';
import { ServedProgram } from '../served-program.ts';
import { testServerCredentials } from '../servers.ts';
import { type RequestFate, UnreliableHttp } from '../unreliable-http.ts';
import { letter } from '../whole-archive.ts';

const timeoutMs = 120_000;

describeVariant('s3', 'the word WORM of an archive that is served (invariant 16)', () => {
  let base: Muniment;
  let program: Muniment;
  let service: UnreliableHttp;
  /** Past the proxy. */
  let bucket: Bucket;
  let served: ServedProgram;
  let token = '';
  let lies = true;
  let onAttack: () => Promise<void> | void = () => {};

  beforeAll(async () => {
    const options = await bucketOptions('s3', { bucket: `worm-${newId()}`, prefix: 'mail/' });
    bucket = new Bucket(options);
    service = await UnreliableHttp.before(options.endpoint ?? '');
    service.fate = async (method, path): Promise<RequestFate> => {
      const { pathname, searchParams } = new URL(path, service.url);
      if (pathname.includes('/doctor/')) await onAttack();
      // The hold was acknowledged and reads back, and is not heeded.
      const isHeld = method === 'DELETE' && pathname.endsWith('/doctor/held');
      if (lies && isHeld) await bucket.putLegalHold('doctor/held', searchParams.get('versionId') ?? '', false);
      return 'answered';
    };
    base = await Muniment.make();
    program = base.on(`s3://${options.bucket}/mail?endpoint=${service.url}`, {
      AWS_ACCESS_KEY_ID: testServerCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: testServerCredentials.secretAccessKey,
      SECRETS_DIR: base.path('secrets'),
      STATE_DIR: base.path('state'),
      LISTEN_PORT: '0',
      LOG_LEVEL: 'error',
    });
    await program.ok('buckets', 'create');
    await mkdir(base.path('mail', 'ada'), { recursive: true });
    for (const number of [1, 2, 3]) await writeFile(base.path('mail', 'ada', `${number}.eml`), letter(number));
  }, timeoutMs);

  afterAll(async () => {
    await base[Symbol.asyncDispose]();
    await service[Symbol.asyncDispose]();
    await bucket[Symbol.asyncDispose]();
  });

  async function start(): Promise<void> {
    served = await ServedProgram.start(program);
    token = served.token ?? token;
  }

  async function becomes(standing: string): Promise<void> {
    while ((await served.status(token)).worm?.standing !== standing) await setTimeout(50);
  }

  async function metric(): Promise<string | undefined> {
    const response = await fetch(`${served.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    return /^muniment_worm (\d)$/mu.exec(await response.text())?.[1];
  }

  test(
    'is withdrawn at the start on a service that does not heed a hold: with an alarm, and archiving goes on',
    async () => {
      await start();
      await becomes('withdrawn');
      expect(await metric()).toBe('0');
      const alarm = served.running.stderr.split('\n').find((line) => line.includes('hold-keeps')) ?? '{}';
      expect(JSON.parse(alarm)).toMatchObject({
        level: 50,
        msg: expect.stringContaining('nothing here is called WORM'),
      });

      expect((await program.ok('import', base.path('mail'))).json.at(-1)).toMatchObject({ captured: 3, failed: 0 });
      const { json } = await program.ok('export', '--all', '--out', base.path('out'));
      expect(json[0]).toMatchObject({ worm: 'withdrawn' });
      expect(await readFile(base.path('out', 'README.txt'), 'utf8')).toContain('NOT WRITE-ONCE (WORM)');
      expect((await program.ok('status')).json[0]).toMatchObject({
        worm: { standing: 'withdrawn', failed: [{ probe: 'hold-keeps', answer: expect.stringContaining('gone') }] },
      });
      expect((await program.ok('verify')).json.at(-1)).toMatchObject({ findings: 0 });
    },
    timeoutMs,
  );

  test(
    'is earned when doctor finds that the fault was mended',
    async () => {
      lies = false;
      await program.run('doctor');
      expect((await served.status(token)).worm?.standing).toBe('sound');
      expect(await metric()).toBe('1');
      await served.stop();
    },
    timeoutMs,
  );

  test(
    'does not depend on a process that was killed while it examined: the next one examines again',
    async () => {
      lies = true;
      const attacked = new Promise<void>((resolve) => (onAttack = resolve));
      await start();
      await attacked;
      served.running.kill();
      await served.running.ended();
      expect((await program.ok('status')).json[0]).toMatchObject({ worm: { standing: 'sound' } });
      await start();
      await becomes('withdrawn');
      await served.stop();

      await using store = await S3LedgerStore.open({ bucket, clock: systemClock });
      await using ledger = await Ledger.open({ store, clock: systemClock });
      const verdicts: string[] = [];
      for await (const { entries } of ledger.read(0)) {
        for (const entry of entries) if (entry.kind === 'storage-examined') verdicts.push(entry.verdict);
      }
      expect(verdicts).toEqual(['unsound', 'sound', 'unsound']);
    },
    timeoutMs,
  );

  test(
    'keeps nobody from stopping, although storage does not answer',
    async () => {
      const attacked = Promise.withResolvers<void>();
      onAttack = () => {
        attacked.resolve();
        return new Promise(() => {});
      };
      await start();
      await attacked.promise;
      expect((await served.stop()).code).toBe(0);
    },
    timeoutMs,
  );
});
