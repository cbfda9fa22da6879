import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout } from 'node:timers/promises';
import { writeSampleMail } from '../../scripts/sample-mail/index.ts';
import { describeProfile, onServers, placeArchive, type PlacedArchive } from '../profiles.ts';
import { ServedProgram } from '../served-program.ts';

const timeoutMs = 240_000;

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await setTimeout(50);
}

describe('many processes on one archive, each with a role of its own (invariants 1, 8, 24)', () => {
  describeProfile(onServers, () => {
    let placed: PlacedArchive;
    let api: ServedProgram;
    let token = '';
    const serving = new Map<string, ServedProgram>();

    const start = async (name: string, role: string): Promise<ServedProgram> => {
      const served = await ServedProgram.start(await placed.process(name), role);
      serving.set(name, served);
      return served;
    };
    const search = async (query: string): Promise<{ readonly total: number; readonly complete: boolean }> => {
      const url = `${api.url}/api/v1/search?q=${encodeURIComponent(query)}`;
      const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
      expect(response.status).toBe(200);
      return (await response.json()) as { total: number; complete: boolean };
    };

    beforeAll(async () => {
      placed = await placeArchive(onServers);
      await writeSampleMail(placed.program.path('mail'));
      api = await start('api', 'api');
      token = api.token ?? '';
      await start('committer', 'committer');
      await start('standby', 'committer');
      for (const worker of ['worker-1', 'worker-2']) await start(worker, 'worker');
      await start('scheduler', 'scheduler');
      await start('collector', 'collector');
    }, timeoutMs);
    afterAll(async () => {
      for (const { running } of serving.values()) running.kill();
      await placed[Symbol.asyncDispose]();
    });

    test(
      'a worker and the committer are killed while mail comes in: all of it is there, once, and found',
      async () => {
        const { program } = placed;
        const importing = program.start('import', program.path('mail'));
        await until(async () => importing.hasEnded || (await api.status(token)).messages > 20);
        for (const name of ['worker-1', 'committer']) serving.get(name)?.running.kill();
        const first = await importing.ended();
        const sum = (await program.ok('import', program.path('mail'))).json.at(-1);
        expect([first.code, sum]).toEqual([0, expect.objectContaining({ found: 394, failed: 0 })]);
        expect((await api.status(token)).messages).toBe(177);
        expect(await search('*')).toMatchObject({ total: 177, complete: true });
        const verified = (await program.ok('verify', '--full')).json;
        expect(verified).toEqual([expect.objectContaining({ findings: 0, messages: 177 })]);
      },
      timeoutMs,
    );

    test(
      'the scheduler has examined storage, and the API says so (invariant 16)',
      async () => {
        await until(async () => (await api.status(token)).worm?.standing === 'sound');
      },
      timeoutMs,
    );

    test(
      'a hold placed by one process keeps another from disposing',
      async () => {
        const { program } = placed;
        await program.ok('matter', 'create', 'm');
        await program.ok('hold', 'place', '--matter', 'm', '--query', 'heron', '--reason', 'r');
        const digest = String((await program.ok('search', 'heron', '--limit', '1')).json[0]?.['digest']);
        const other = await placed.process('other');
        const refused = await other.run('dispose', digest, '--reason', 'r');
        expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('legal hold') });
      },
      timeoutMs,
    );

    test(
      'each shows what it does itself, and the API alone what all share',
      async () => {
        const shown = async ({ url }: ServedProgram): Promise<string> => {
          const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
          expect(response.status).toBe(200);
          return await response.text();
        };
        const worker = serving.get('worker-2');
        if (worker === undefined) throw new Error('there is no second worker');
        const [ofApi, ofWorker] = [await shown(api), await shown(worker)];
        expect(ofWorker).toMatch(/^muniment_captures_total\{outcome="captured"\} [1-9]/mu);
        expect(ofWorker).not.toContain('muniment_capture_jobs');
        expect(ofApi).toMatch(/^muniment_captures_total\{outcome="captured"\} 0$/mu);
        for (const state of ['waiting', 'active', 'delayed']) {
          expect(ofApi).toContain(`muniment_capture_jobs{state="${state}"} 0\n`);
        }
        for (const server of ['index', 'queue', 'spool']) {
          expect(ofApi).toContain(`muniment_server_reachable{server="${server}"} 1\n`);
        }
        expect(ofApi).toContain('muniment_spool_bytes 0\n');
      },
      timeoutMs,
    );

    test(
      'each ends within 10 s of SIGTERM',
      async () => {
        const alive = [...serving.values()].filter(({ running }) => !running.hasEnded);
        expect(alive.length).toBe(5);
        for (const ended of await Promise.all(alive.map((served) => served.stop()))) expect(ended.code).toBe(0);
      },
      timeoutMs,
    );
  });
});
