import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as hostile from '../hostile-mail.ts';
import { describeVariant } from '../describe-variant.ts';
import { Muniment } from '../muniment.ts';
import { unprivileged } from '../variants.ts';

const megabyte = 1024 * 1024;
const memoryBytesMax = 512 * megabyte;
/** The promise is 10 s; machines differ, and this one may be shared. */
const secondsMax = 30;
/** Root may read everything: where the tests run as root, the program runs as this user. */

interface Case {
  readonly bytes: () => Buffer;
  /** The flag that says why it may not be searchable; undefined where nothing is wrong with the reading. */
  readonly flag?: RegExp;
  /** A word that was read all the same. */
  readonly word?: string;
}

const cases: Readonly<Record<string, Case>> = {
  'no-message': { bytes: () => hostile.noMessage(), flag: /./u },
  empty: { bytes: hostile.empty, flag: /./u },
  '100000-parts': { bytes: () => hostile.manyParts(100_000), flag: /./u },
  'nested-10000': { bytes: () => hostile.nestedMultiparts(10_000), flag: /./u },
  'nested-messages-10000': { bytes: () => hostile.nestedMessages(10_000), flag: /./u },
  'unknown-charset': { bytes: hostile.unknownCharset, flag: /charset/u, word: 'plainword' },
  'no-header-end': { bytes: hostile.noHeaderEnd, flag: /./u, word: 'bodyword' },
  'header-only': { bytes: hostile.headerOnly },
  'nul-bytes': { bytes: hostile.nulBytes, flag: /./u },
  'no-message-id': { bytes: hostile.withoutMessageId },
  'five-message-ids': { bytes: hostile.fiveMessageIds },
  'year-2': { bytes: hostile.inYear0002 },
  'year-60056': { bytes: hostile.inYear60056 },
  'long-field': { bytes: () => hostile.longField(5_000_000, false), word: 'bodyword' },
  'many-addresses': { bytes: () => hostile.manyAddresses(100_000) },
  'nested-groups': { bytes: () => hostile.nestedGroups(50_000) },
};

function neighbour(name: string): string {
  return `From: n@example.org\r\nSubject: neighbour of ${name}\r\nDate: Mon, 14 May 2001 16:39:00 -0700\r\n\r\nneighbourword\r\n`;
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe('messages meant to hurt, through the program (invariants 6, 9, 33)', () => {
  let muniment: Muniment;

  beforeAll(async () => {
    muniment = await Muniment.make();
  });
  afterAll(async () => {
    await muniment[Symbol.asyncDispose]();
  });

  test.each(Object.keys(cases))('%s: archived byte for byte, flagged, within 512 MB', async (name) => {
    const { bytes, flag, word } = cases[name] ?? { bytes: hostile.empty };
    const folder = muniment.path(name);
    await mkdir(folder);
    const original = bytes();
    await writeFile(join(folder, '1.eml'), neighbour(name));
    await writeFile(join(folder, '2.eml'), original);
    await writeFile(join(folder, '3.eml'), `${neighbour(name)}third\r\n`);

    const ran = await muniment.apart('import', folder, '--custodian', name);
    expect(ran.json[0]).toMatchObject({ found: 3, captured: 3, failed: 0 });
    expect(ran.seconds).toBeLessThan(secondsMax);
    expect(ran.peakBytes).toBeLessThan(memoryBytesMax);

    const about = (await muniment.ok('show', digest(original))).json[0];
    if (flag !== undefined) expect((about?.['flags'] as string[] | undefined)?.join(' ')).toMatch(flag);
    const raw = await muniment.ok('show', digest(original), '--raw');
    expect(raw.stdout.equals(original)).toBe(true);
    const query = `custodian:${name} neighbourword`;
    expect((await muniment.ok('search', query, '--count')).json[0]).toMatchObject({ total: 2, complete: true });
    if (word === undefined) return;
    const found = (await muniment.ok('search', `custodian:${name} ${word}`)).json;
    expect(found.map((hit) => hit['digest'])).toEqual([digest(original)]);
  });

  test('all of them are there afterwards, and their neighbours are found', async () => {
    const total = Object.keys(cases).length * 3;
    const neighbours = (await muniment.ok('search', 'neighbourword', '--count')).json[0];
    expect(neighbours).toMatchObject({ total: Object.keys(cases).length * 2, complete: true });
    expect((await muniment.ok('search', '*', '--count')).json[0]).toMatchObject({ total, complete: true });
    expect((await muniment.run('verify', '--full')).json).toEqual([expect.objectContaining({ findings: 0 })]);
    const again = await muniment.ok('import', ...Object.keys(cases).map((name) => muniment.path(name)));
    expect(again.json[0]).toMatchObject({ found: total, captured: 0, failed: 0 });
  });

  test('an mbox of CR lines, and text that begins with "From ": every word is found, every byte exported', async () => {
    const folder = muniment.path('mboxes');
    await mkdir(folder);
    const separator = 'From a@b.example Tue Nov  7 12:00:00 2023';
    const first = 'From: a@b.example\nSubject: secret\n\nthe crmacword\nFrom here on fromword\n';
    const mac = `${separator}\n${first}\n${separator}\nSubject: two\n\nsecondword\n`.replaceAll('\n', '\r');
    const long = `Subject: long\n\nFrom ${'x '.repeat(2000)}tailword\n`;
    await writeFile(join(folder, 'In'), mac);
    await writeFile(join(folder, 'long.mbox'), `${separator}\n${long}`);
    await writeFile(join(folder, 'none.mbox'), `From ${'x'.repeat(2000)} Tue Nov  7 12:00:00 2023\n${first}`);
    const ran = await muniment.run('import', folder, '--custodian', 'mboxes');
    expect(ran.json[0]).toMatchObject({ found: 4, captured: 3, failed: 1 });
    const expected = {
      crmacword: first.replaceAll('\n', '\r'),
      fromword: first.replaceAll('\n', '\r'),
      tailword: long,
    };
    for (const [word, bytes] of Object.entries(expected)) {
      const hits = (await muniment.ok('search', `custodian:mboxes ${word}`)).json;
      expect(hits.map((hit) => hit['digest'])).toEqual([digest(Buffer.from(bytes))]);
      const raw = await muniment.ok('show', digest(Buffer.from(bytes)), '--raw');
      expect(raw.stdout.toString()).toBe(bytes);
    }
    expect((await muniment.ok('search', 'custodian:mboxes secondword', '--count')).json[0]).toMatchObject({ total: 1 });
  });

  test('a message of 200 MB: archived byte for byte, its text found, in less than 512 MB of memory', async () => {
    const folder = muniment.path('huge');
    await mkdir(folder);
    await hostile.hugeMessage(join(folder, '2.eml'), 200 * megabyte);
    await writeFile(join(folder, '1.eml'), neighbour('huge'));
    const ran = await muniment.apart('import', folder, '--custodian', 'huge');
    expect(ran.json[0]).toMatchObject({ found: 2, captured: 2, failed: 0 });
    expect(ran.seconds).toBeLessThan(secondsMax);
    expect(ran.peakBytes).toBeLessThan(memoryBytesMax);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(join(folder, '2.eml'))) hash.update(chunk);
    const name = hash.digest('hex');
    await rm(join(folder, '2.eml'));
    const found = (await muniment.ok('search', 'custodian:huge firstword')).json;
    expect(found.map((hit) => [hit['digest'], hit['size']])).toEqual([[name, 200 * megabyte]]);
    const raw = await muniment.apart('show', name, '--raw');
    expect(digest(raw.stdout)).toBe(name);
    expect(raw.peakBytes).toBeLessThan(memoryBytesMax);
    expect((await muniment.ok('search', 'custodian:huge neighbourword', '--count')).json[0]).toMatchObject({
      total: 1,
    });
  }, 180_000);
});

/** What normalising makes four and eighteen times as long, words that are taken apart, a token for each character, and for none the same. */
const wide: Readonly<Record<string, () => Buffer>> = {
  'square-words': () => hostile.inUtf8('\u3300'.repeat(3_000_000)),
  'long-ligatures': () => hostile.inUtf8('\ufdfa'.repeat(1_500_000)),
  'parted-words': () => hostile.inUtf8("é'a²".repeat(4_000_000)),
  chinese: () => hostile.inUtf8(hostile.han(16_000_000)),
  'punycode-hosts': () => hostile.inUtf8(hostile.punycodeHosts(600_000)),
  'different-words': () => hostile.inUtf8(hostile.differentWords(1_700_000)),
};

describe('messages whose words take more memory than their bytes, through the program (invariants 9, 33)', () => {
  let muniment: Muniment;

  beforeAll(async () => {
    muniment = await Muniment.make();
  });
  afterAll(async () => {
    await muniment[Symbol.asyncDispose]();
  });

  test.each(Object.keys(wide))(
    '%s: archived, what is not searched flagged, within 512 MB',
    async (name) => {
      const original = wide[name]?.() ?? hostile.empty();
      const folder = muniment.path(name);
      await mkdir(folder);
      await writeFile(join(folder, '1.eml'), neighbour(name));
      await writeFile(join(folder, '2.eml'), original);
      const ran = await muniment.apart('import', folder, '--custodian', name);
      expect(ran.json[0]).toMatchObject({ found: 2, captured: 2, failed: 0 });
      expect(ran.peakBytes).toBeLessThan(memoryBytesMax);
      const flags = (await muniment.ok('show', digest(original))).json[0]?.['flags'];
      const query = `custodian:${name} neighbourword`;
      expect((await muniment.ok('search', query, '--count')).json[0]).toMatchObject({ total: 1, complete: true });
      // A machine that is busy may be too slow for it, and has said so.
      if (isFlagged(flags, 'parse-timeout')) return;
      expect(isFlagged(flags, 'text-truncated')).toBe(name !== 'parted-words');
      const found = (await muniment.ok('search', `custodian:${name} bodyword`)).json;
      expect(found.map((hit) => hit['digest'])).toEqual([digest(original)]);
    },
    600_000,
  );

  test('all of them are verified within 512 MB', async () => {
    const verified = await muniment.apart('verify', '--full');
    expect(verified.json).toEqual([expect.objectContaining({ findings: 0, messages: 2 * Object.keys(wide).length })]);
    expect(verified.peakBytes).toBeLessThan(memoryBytesMax);
  }, 600_000);
});

function isFlagged(flags: unknown, flag: string): boolean {
  return Array.isArray(flags) && flags.includes(flag);
}

/** A tree whose full paths are longer than PATH_MAX (4,096 bytes) on Linux: it can only be made step by step. */
function makeDeep(folder: string, message: string): void {
  const script = `
    const { mkdirSync, writeFileSync } = require('node:fs');
    for (let level = 0; level < 25; level++) {
      mkdirSync('n'.repeat(200));
      process.chdir('n'.repeat(200));
    }
    writeFileSync('1.eml', process.argv[1]);`;
  execFileSync(process.execPath, ['-e', script, message], { cwd: folder, stdio: 'pipe' });
}

describe('paths that are not as they should be, through the program', () => {
  test('a path that does not exist: one clear line, exit code 2, and nothing changes', async () => {
    await using muniment = await Muniment.make();
    const ran = await muniment.run('import', muniment.path('nothing-here'));
    expect([ran.code, ran.json[0]?.['error']]).toEqual([2, 'path-not-found']);
    expect(ran.stderr.match(/^muniment: .*nothing-here/gmu)).toHaveLength(1);
  });

  test('one of two paths does not exist: the other is archived, and the exit code says that it is not all', async () => {
    await using muniment = await Muniment.make();
    await mkdir(muniment.path('mail'));
    await writeFile(muniment.path('mail', '1.eml'), neighbour('x'));
    const ran = await muniment.run('import', muniment.path('nothing-here'), muniment.path('mail'));
    expect(ran.code).toBe(1);
    expect(ran.json.at(-1)).toMatchObject({ found: 1, captured: 1, failed: 0 });
  });

  test('an empty folder: nothing found, nothing failed', async () => {
    await using muniment = await Muniment.make();
    await mkdir(muniment.path('empty'));
    const ran = await muniment.ok('import', muniment.path('empty'));
    expect(ran.json[0]).toMatchObject({ found: 0, captured: 0, alreadyArchived: 0, failed: 0 });
  });

  test('a FIFO, a socket-like file and a symlink loop in the tree neither stop nor hang the import', async () => {
    await using muniment = await Muniment.make();
    const tree = muniment.path('tree');
    await mkdir(join(tree, 'alice'), { recursive: true });
    execFileSync('mkfifo', [join(tree, 'alice', 'pipe.eml')]);
    await symlink(tree, join(tree, 'alice', 'loop'));
    await symlink('round.eml', join(tree, 'alice', 'round.eml'));
    await writeFile(join(tree, 'alice', '1.eml'), neighbour('fifo'));
    const ran = await muniment.run('import', tree);
    expect(ran.json[0]).toMatchObject({ captured: 1 });
    const { found, captured, alreadyArchived, failed } = ran.json[0] ?? {};
    expect(found).toBe(Number(captured) + Number(alreadyArchived) + Number(failed));
    expect(ran.code).toBe(failed === 0 ? 0 : 1);
    for (const name of ['pipe.eml', 'loop', 'round.eml']) expect(ran.stderr).toContain(name);
  });

  test('names of 5,000 characters and with control characters: archived or named, and shown harmlessly', async () => {
    await using muniment = await Muniment.make();
    const folder = muniment.path('deep');
    await mkdir(folder);
    try {
      makeDeep(folder, neighbour('deep'));
      await writeFile(join(folder, 'esc\u001b[31m\u202eape\n.eml'), neighbour('escape'));
      const ran = await muniment.run('import', folder);
      // A path too long for the system is either read or named as failed; never passed over.
      const { found, captured, failed } = ran.json[0] ?? {};
      expect([found, captured, failed]).toEqual(failed === 0 ? [2, 2, 0] : [2, 1, 1]);
      expect(ran.code).toBe(failed === 0 ? 0 : 1);
      expect(ran.stderr).not.toContain('\u001b');
      const shown = await muniment.ok('search', 'neighbourword');
      expect(shown.stdout.toString()).not.toContain('\u001b');
      const again = await muniment.run('import', folder);
      expect(again.json[0]).toMatchObject({ found: 2, captured: 0, failed });
    } finally {
      execFileSync('rm', ['-rf', folder]);
    }
  });
});

describeVariant('unprivileged', 'what may not be read', () => {
  test('an unreadable folder and file are named, the rest is archived', async () => {
    await using muniment = await Muniment.make({ under: process.getuid?.() === 0 ? unprivileged : [] });
    const tree = muniment.path('tree');
    await mkdir(join(tree, 'closed'), { recursive: true });
    await writeFile(join(tree, '1.eml'), neighbour('open'));
    await writeFile(join(tree, '2.eml'), neighbour('closed'));
    await chmod(join(tree, '2.eml'), 0);
    await chmod(join(tree, 'closed'), 0);
    const ran = await muniment.run('import', tree);
    expect(ran.json[0]).toMatchObject({ found: 3, captured: 1, failed: 2 });
    expect(ran.code).toBe(1);
    for (const name of ['closed', '2.eml']) expect(ran.stderr).toMatch(new RegExp(`^failed: .*${name}`, 'mu'));
    await chmod(join(tree, 'closed'), 0o700);
    await chmod(join(tree, '2.eml'), 0o644);
    expect((await muniment.run('import', tree)).json[0]).toMatchObject({ failed: 0 });
  });
});
