import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeSampleMail } from '../../scripts/sample-mail/index.ts';
import { Muniment, type Running } from '../muniment.ts';
import { capturesIn, recordedIn, sightingsIn } from '../recorded.ts';

const env = { LISTEN_PORT: '0', LOG_LEVEL: 'silent' };

let mail: Muniment;
let messages: number;
let custodians: readonly string[];

beforeAll(async () => {
  mail = await Muniment.make();
  ({ messages } = await writeSampleMail(mail.path('mail')));
  custodians = (await readdir(mail.path('mail'))).map((name) => mail.path('mail', name));
});
afterAll(async () => {
  await mail[Symbol.asyncDispose]();
});

/** `serve`, once it answers. */
async function serving(muniment: Muniment): Promise<Running> {
  const service = muniment.start('serve');
  await service.until(() => service.stdout.includes('"url"'));
  expect([service.hasEnded, service.stderr.replaceAll(/^.*bearer token.*$/gmu, '').trim()]).toEqual([false, '']);
  return service;
}

async function stopped(service: Running): Promise<number | null> {
  service.kill('SIGTERM');
  return (await service.ended()).code;
}

async function expectWhole(muniment: Muniment): Promise<void> {
  const recorded = await recordedIn(muniment.archive);
  expect(sightingsIn(recorded)).toHaveLength(messages);
  expect(new Set(sightingsIn(recorded)).size).toBe(messages);
  expect((await muniment.run('verify', '--full')).json).toEqual([
    expect.objectContaining({ findings: 0, messages: capturesIn(recorded).length }),
  ]);
}

describe('one process has the archive open, others work through it', () => {
  test('commands that begin at the same moment all do their work', async () => {
    await using muniment = await Muniment.make();
    const running = custodians.map((path) => muniment.start('import', path));
    const ran = await Promise.all(running.map((one) => one.ended()));
    expect(ran.map(({ code, stderr }) => [code, stderr.match(/^muniment:.*$/mu)?.[0]])).toEqual(
      custodians.map(() => [0, undefined]),
    );
    expect(ran.reduce((sum, { json }) => sum + Number(json[0]?.['found']), 0)).toBe(messages);
    await expectWhole(muniment);
  });

  test('while `serve` runs, import, search, show, hold, export, verify and backup go through its socket', async () => {
    await using muniment = await Muniment.make({ env });
    const service = await serving(muniment);
    await muniment.ok('import', mail.path('mail'));
    const hits = (await muniment.ok('search', '"blue heron"')).json;
    expect(hits.length).toBeGreaterThan(0);
    const raw = await muniment.ok('show', String(hits[0]?.['digest']), '--raw');
    expect(raw.stdout.length).toBe(hits[0]?.['size']);
    await muniment.ok('matter', 'create', 'm');
    await muniment.ok('hold', 'place', '--matter', 'm', '--query', 'heron', '--reason', 'r');
    await muniment.ok('export', '--matter', 'm', '--out', muniment.path('out'));
    expect((await muniment.run('verify', '--full')).json).toEqual([expect.objectContaining({ findings: 0 })]);
    await muniment.ok('backup', '--to', `file:${muniment.path('copy')}`);
    expect(service.hasEnded).toBe(false);
    expect(await stopped(service)).toBe(0);
    expect((await muniment.ok('status')).json[0]).toMatchObject({ sightings: messages, activeHolds: 1 });
  });

  test('a second `serve`, and what needs the archive for itself, are refused in one clear line', async () => {
    await using muniment = await Muniment.make({ env });
    const service = await serving(muniment);
    const copy = `file:${muniment.path('copy')}`;
    await muniment.ok('backup', '--to', copy);
    for (const words of [['serve'], ['rebuild'], ['restore', '--from', copy]]) {
      const refused = await muniment.run(...words);
      expect([words[0], refused.code, refused.json[0]?.['error']]).toEqual([words[0], 2, 'in-use']);
      expect(refused.stderr.match(/^muniment: /gmu)).toHaveLength(1);
    }
    expect(service.hasEnded).toBe(false);
    expect(await stopped(service)).toBe(0);
  });

  test('a command whose helper is killed says so, and its repetition completes it', async () => {
    await using muniment = await Muniment.make({ env });
    const service = await serving(muniment);
    const importing = muniment.start('import', mail.path('mail'));
    const ending = importing.ended();
    const segments = join(muniment.archive, 'archive', 'segments');
    const hasBegun = async () =>
      existsSync(segments) && (await readdir(segments)).some((name) => name.endsWith('.seg'));
    while (!(await hasBegun())) await service.until(() => true);
    service.kill('SIGKILL');
    await service.ended();
    const lost = await ending;
    if (lost.code !== 0) expect([lost.code, lost.json.at(-1)?.['error']]).toEqual([2, 'connection-lost']);
    // Its socket and its lock file are still there, and stand in nobody's way.
    expect(existsSync(join(muniment.archive, 'run', 'control.sock'))).toBe(true);
    await muniment.ok('import', mail.path('mail'));
    await expectWhole(muniment);
  });
});

describe('interrupted by a person', () => {
  test.each([0.2, 0.4, 0.6])('Ctrl-C at %d of an import: exit code 130, and the next run completes it', async (at) => {
    await using measured = await Muniment.make();
    const changes = await measured.countChanges('import', ...custodians);
    await using muniment = await Muniment.make();
    const moment = { changes: Math.ceil(changes * at), ms: 0, signal: 'SIGINT' } as const;
    const ran = await muniment.killed(moment, 'import', ...custodians);
    expect([ran.code, ran.signal]).toEqual([130, null]);
    expect(ran.stderr).toMatch(/^muniment: interrupted/mu);
    const completed = (await muniment.ok('import', ...custodians)).json[0];
    expect(completed).toMatchObject({ found: messages, failed: 0 });
    await expectWhole(muniment);
  });

  test('Ctrl-C of a command that runs in another process ends the command and not the process', async () => {
    await using muniment = await Muniment.make({ env });
    const service = await serving(muniment);
    const ran = await muniment.killed({ changes: 12, ms: 0, signal: 'SIGINT' }, 'import', ...custodians);
    expect([130, 0]).toContain(ran.code);
    await muniment.ok('import', ...custodians);
    expect(service.hasEnded).toBe(false);
    expect(await stopped(service)).toBe(0);
    await expectWhole(muniment);
  });
});
