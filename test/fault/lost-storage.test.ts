import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ParsingPool } from '#ingest';
import { digestOf } from '#kernel';
import { listed, orderFor, putOf } from '../contract/blob-puts.ts';
import { FilesystemArchive } from '../contract/filesystem-archive.ts';
import { FolderMedium, GatedArchive } from '../gated-archive.ts';
import { Muniment } from '../muniment.ts';
import { placesOf } from '../places-of.ts';
import { openStores } from '../whole-archive.ts';

const timeoutMs = 120_000;
const letters = ['zebra one', 'zebra two', 'plughword three'].map((body, at) =>
  Buffer.from(
    `From: a@example.org\r\nSubject: subjword${at}\r\nDate: Mon, 14 May 2001 16:39:0${at} -0700\r\n\r\n${body}\r\n`,
  ),
);
const [first = '', second = '', third = ''] = letters.map((bytes) => digestOf(bytes));

let muniment: Muniment;

beforeEach(async () => {
  muniment = await Muniment.make();
  await write(muniment.path('mail', 'alice', 'inbox'));
});
afterEach(async () => muniment[Symbol.asyncDispose]());

async function write(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [at, bytes] of letters.entries()) await writeFile(join(folder, `${at}.eml`), bytes);
}

function segments(archive = muniment.archive): string {
  return join(archive, 'archive', 'segments');
}

/** As a volume that is not mounted, and is mounted again over whatever was written meanwhile. */
async function away(folder: string, work: () => Promise<void>): Promise<void> {
  await rename(folder, `${folder}-away`);
  await mkdir(folder);
  await work();
  await rm(folder, { recursive: true });
  await rename(`${folder}-away`, folder);
}

async function segmentsIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.seg')).sort();
}

/** As a file that was deleted, and is found again on a tape. */
async function missing(folder: string, name: string, work: () => Promise<void>): Promise<void> {
  await rename(join(folder, name), join(folder, '..', name));
  await work();
  await rename(join(folder, '..', name), join(folder, name));
}

async function findings(program = muniment): Promise<unknown[]> {
  return (await program.run('verify', '--full')).json.flatMap((line) => ('code' in line ? [line['code']] : []));
}

async function expectRefused(error: string, digest = first): Promise<void> {
  const ran = await muniment.run('dispose', digest, '--reason', 'r');
  expect([ran.code, ran.json[0]?.['error']]).toEqual([2, error]);
  expect(ran.json[0]).not.toHaveProperty('order');
}

describe('what was promised is kept whatever storage has lost (invariants 15 and 17)', () => {
  async function promise(): Promise<void> {
    await muniment.ok('retention', 'set', '--default', '10y');
    await muniment.ok('retention', 'set', '--default', 'none');
  }

  test(
    'the segment with the locks is lost: verify says so, nothing is destroyed, and the next schedule mends it',
    async () => {
      await muniment.ok('import', muniment.path('mail'));
      const before = new Set(await segmentsIn(segments()));
      await promise();
      await expectRefused('retained');
      for (const name of await segmentsIn(segments())) if (!before.has(name)) await rm(join(segments(), name));
      expect(await findings()).toEqual(letters.map(() => 'lock-too-weak'));
      await expectRefused('retained');
      await muniment.ok('retention', 'set', '--default', '1y');
      expect(await findings()).toEqual([]);
      await expectRefused('retained');
    },
    timeoutMs,
  );

  test(
    'bytes that are stored again are locked as they were',
    async () => {
      await muniment.ok('import', muniment.path('mail'));
      await promise();
      await rename(segments(), muniment.path('lost'));
      await mkdir(segments());
      await rm(join(muniment.archive, 'storage.id'));
      await write(muniment.path('again', 'alice', 'copies'));
      await muniment.ok('import', muniment.path('again'));
      expect(await findings()).toEqual([]);
      await expectRefused('retained');
    },
    timeoutMs,
  );

  test.each([
    ['the schedules were taken out of the catalog', 'delete from schedule', 'retained'],
    ['the catalog does not have the message', 'delete from message', 'no-such-message'],
  ])(
    '%s',
    async (_, change, refused) => {
      await muniment.ok('import', muniment.path('mail'));
      await muniment.ok('retention', 'set', '--default', '10y');
      using catalog = new DatabaseSync(join(muniment.archive, 'derived', 'catalog.sqlite'));
      catalog.exec(change);
      catalog.close();
      await muniment.ok('retention', 'set', '--default', 'none');
      await expectRefused(refused);
      await muniment.ok('rebuild');
      await expectRefused('retained');
    },
    timeoutMs,
  );
});

describe('what is acknowledged again is there (invariant 1)', () => {
  test(
    'files that were imported before are stored again where the disk has lost them, locked as they were',
    async () => {
      await muniment.ok('import', muniment.path('mail'));
      await muniment.ok('matter', 'create', 'm');
      await muniment.ok('hold', 'place', '--matter', 'm', '--query', 'zebra', '--reason', 'r');
      await muniment.ok('retention', 'set', '--default', '1y');
      for (const name of await segmentsIn(segments())) await rm(join(segments(), name));
      expect(await findings()).toEqual(letters.map(() => 'message-missing'));
      const again = (await muniment.ok('import', muniment.path('mail'))).json[0];
      expect(again).toMatchObject({ found: 3, captured: 0, alreadyArchived: 3, failed: 0 });
      expect(await findings()).toEqual([]);
      expect((await muniment.ok('show', first, '--raw')).stdout).toEqual(letters[0]);
    },
    timeoutMs,
  );
});

describe('what is stored is recorded (invariant 1)', () => {
  test(
    'a message without an entry that no start has looked for is recorded by rebuild, as verify says',
    async () => {
      await muniment.ok('import', muniment.path('mail', 'alice'));
      {
        await using stores = await openStores(muniment.archive);
        await stores.archive.putAll([putOf(Buffer.from('Subject: strayword\r\n\r\nfound on a tape\r\n'))]);
        await stores.archive.setLegalHolds([{ digest: digestOf(letters[0] ?? Buffer.of()), generation: 1 }], true);
      }
      const [orphan] = (await muniment.run('verify', '--full')).json;
      expect(orphan).toMatchObject({ code: 'orphan', remedy: expect.stringContaining('muniment rebuild') });
      await muniment.ok('rebuild');
      expect(await findings()).toEqual([]);
      expect((await muniment.ok('search', 'strayword')).json).toHaveLength(1);
      // Whoever set a flag in storage alone keeps it: nothing was interrupted.
      await expectRefused('held');
    },
    timeoutMs,
  );
});

describe('what storage does not have is not certified to be destroyed (invariant 17)', () => {
  test(
    'a volume is away: nothing is done without it, and everything once it is back',
    async () => {
      await muniment.ok('import', muniment.path('mail'));
      await write(muniment.path('more', 'bob', 'inbox'));
      await away(segments(), async () => {
        await expectRefused('store-unavailable');
        for (const command of [['verify'], ['import', muniment.path('more')], ['search', 'zebra'], ['rebuild']]) {
          const ran = await muniment.run(...command);
          expect([ran.code, ran.json.at(-1)?.['error']]).toEqual([2, 'store-unavailable']);
          expect(ran.stderr + JSON.stringify(ran.json)).toContain('Mount the volume');
        }
        expect(await readdir(segments())).toEqual([]);
      });
      expect(await findings()).toEqual([]);
      await muniment.ok('dispose', third, '--reason', 'r');
      expect(placesOf(['plughword'], muniment.archive)).toEqual([]);
      expect(await findings()).toEqual([]);
    },
    timeoutMs,
  );

  test.each(['delete from blobs', 'update blobs set state = 2'])(
    'the locator says that it is gone (%s)',
    async (change) => {
      await muniment.ok('import', muniment.path('mail'));
      using locator = new DatabaseSync(join(muniment.archive, 'derived', 'locator.sqlite'));
      locator.exec(change);
      locator.close();
      await expectRefused('not-stored');
    },
    timeoutMs,
  );

  test(
    'a segment is missing: the disposal is refused, and carried out once it is found',
    async () => {
      await muniment.ok('import', muniment.path('mail'));
      const [name = ''] = await segmentsIn(segments());
      await missing(segments(), name, async () => expectRefused('not-stored'));
      expect(await findings()).toEqual([]);
      await muniment.ok('dispose', third, '--reason', 'r');
      expect(placesOf(['plughword'], muniment.archive)).toEqual([]);
    },
    timeoutMs,
  );

  test(
    'the segment with the order is lost: what is back is destroyed anew, unless a hold may match it',
    async () => {
      await muniment.ok('import', muniment.path('mail'));
      const before = await segmentsIn(segments());
      const kept = await Promise.all(
        before.map(async (name) => [name, await readFile(join(segments(), name))] as const),
      );
      const certificate = (await muniment.ok('dispose', third, '--reason', 'r')).json[0];
      for (const name of await segmentsIn(segments())) if (!before.includes(name)) await rm(join(segments(), name));
      for (const [name, bytes] of kept) await writeFile(join(segments(), name), bytes);
      expect(await findings()).toEqual(['message-not-destroyed']);
      await muniment.ok('matter', 'create', 'm');
      const hold = (await muniment.ok('hold', 'place', '--matter', 'm', '--query', 'plughword', '--reason', 'r'))
        .json[0];
      await expectRefused('held', third);
      await muniment.ok('hold', 'release', String(hold?.['id']), '--reason', 'r');
      expect((await muniment.ok('dispose', third, '--reason', 'r')).json[0]).toEqual(certificate);
      expect(placesOf(['zebra one'], segments())).not.toEqual([]);
      expect(placesOf(['plughword'], segments())).toEqual([]);
      expect(await findings()).toEqual([]);
      await expectRefused('already-disposed', third);
    },
    timeoutMs,
  );

  test('an interrupted order whose segment is missing is held where a hold is placed before it is found', async () => {
    await using pool = new ParsingPool(1);
    await using medium = new FolderMedium(muniment.path('own'));
    const [bytes = Buffer.of()] = letters;
    {
      const archive = await GatedArchive.open(medium, pool, (call) => {
        if (call === 'archive.dispose') throw new Error('the disk is full');
      });
      await archive.matter();
      await archive.capture([{ bytes, custodian: 'ada', path: '1.eml' }]);
      await expect(archive.dispose(bytes)).rejects.toThrow('the disk is full');
    }
    const folder = segments(muniment.path('own'));
    const [name = ''] = await segmentsIn(folder);
    await missing(folder, name, async () => {
      const archive = await GatedArchive.open(medium, pool);
      await expect(archive.mend()).rejects.toMatchObject({ code: 'not-stored' });
      await archive.place('zebra');
    });
    const archive = await GatedArchive.open(medium, pool);
    await expect(archive.dispose(bytes)).rejects.toMatchObject({ code: 'held' });
    expect(await archive.archive.read(archive.message(bytes)!)).toEqual(bytes);
  });

  test('an order for what a missing segment has is carried out when it is found', async () => {
    await using archive = await FilesystemArchive.make(4_000);
    const put = putOf('plughword');
    {
      await using store = await archive.open();
      await store.putAll([put, putOf('another')]);
    }
    const [name = ''] = await archive.segments();
    await missing(archive.segmentsFolder, name, async () => {
      await using store = await archive.open();
      expect(await store.dispose(orderFor(put))).toEqual({ versions: 0, size: 0 });
    });
    await using store = await archive.open();
    expect((await listed(store)).map(({ digest }) => digest)).toEqual([putOf('another').digest]);
    expect(placesOf(['plughword'], archive.segmentsFolder)).toEqual([]);
  });
});

describe('a disposal reaches all of a backup (invariants 17 and 25)', () => {
  test(
    'also what was derived there, and a segment that was missing',
    async () => {
      const to = ['--to', `file:${muniment.path('copy')}`];
      const copy = muniment.on(muniment.path('copy'));
      await muniment.ok('import', muniment.path('mail'));
      await muniment.ok('backup', ...to);
      await copy.ok('verify');
      expect(placesOf(['plughword'], muniment.path('copy', 'derived'))).not.toEqual([]);
      const folder = segments(muniment.path('copy'));
      const [name = ''] = await segmentsIn(folder);
      await away(folder, async () => {
        expect((await muniment.run('backup', ...to)).json.at(-1)?.['error']).toBe('store-unavailable');
      });
      await missing(folder, name, async () => {
        await muniment.ok('dispose', third, '--reason', 'r');
        await muniment.ok('backup', ...to);
        await muniment.ok('backup', ...to);
        expect(placesOf(['plughword', 'subjword2'], muniment.path('copy', 'derived'))).toEqual([]);
      });
      const restored = muniment.on(muniment.path('restored'));
      await restored.ok('restore', '--from', `file:${muniment.path('copy')}`);
      expect(placesOf(['plughword', 'subjword2'], muniment.path('copy'))).toEqual([]);
      expect(placesOf(['plughword', 'subjword2'], muniment.path('restored'))).toEqual([]);
      expect(await findings(restored)).toEqual([]);
    },
    timeoutMs,
  );
});

describe('what is no backup of this archive is left as it is', () => {
  test(
    'another archive, and what was derived there',
    async () => {
      await muniment.ok('import', muniment.path('mail'));
      const other = muniment.on(muniment.path('other'));
      await other.ok('import', muniment.path('mail'));
      const ran = await muniment.run('backup', '--to', `file:${muniment.path('other')}`);
      expect([ran.code, ran.json[0]?.['error']]).toEqual([2, 'target-foreign']);
      expect((await readdir(muniment.path('other', 'derived'))).sort()).toContain('index.sqlite');
      expect(await findings(other)).toEqual([]);
    },
    timeoutMs,
  );
});

describe('what a backup has without an entry is recovered (invariant 1)', () => {
  test(
    'the first command on the adopted archive records it',
    async () => {
      const copy = muniment.path('copy');
      await muniment.ok('import', muniment.path('mail', 'alice', 'inbox', '0.eml'));
      await muniment.ok('backup', '--to', `file:${copy}`);
      {
        // As a backup that was cut off between the messages and the batches that name them.
        await using stores = await openStores(copy);
        await stores.archive.putAll([putOf(letters[2] ?? '', { lock: { legalHold: true, retainUntil: null } })]);
      }
      const restored = muniment.on(muniment.path('restored'));
      const cutOff = await restored.run('restore', '--from', `file:${copy}`);
      expect(cutOff).toMatchObject({ code: 1, json: [{ messages: 2, missing: [], unrecorded: 1 }] });
      await restored.ok('restore', '--adopt', '--reason', 'r');
      expect((await restored.ok('search', 'plughword')).json).toHaveLength(1);
      // Of the hold it was under only storage's flag has come: it is lifted by no start, after a crash or not.
      for (const _ of [1, 2]) {
        const refused = await restored.run('dispose', third, '--reason', 'r');
        expect([refused.code, refused.json[0]?.['error']]).toEqual([2, 'held']);
        await writeFile(join(restored.archive, 'run', 'open'), '');
      }
      expect(await findings(restored)).toEqual([]);
    },
    timeoutMs,
  );
});

describe('a message that is missing keeps no hold from the others', () => {
  test(
    'a hold is placed on them, and released',
    async () => {
      await muniment.ok('import', muniment.path('mail', 'alice', 'inbox', '0.eml'), '--custodian', 'a');
      const before = await segmentsIn(segments());
      await muniment.ok('import', muniment.path('mail'));
      for (const name of before) await rm(join(segments(), name));
      await muniment.ok('matter', 'create', 'm');
      const placed = await muniment.ok('hold', 'place', '--matter', 'm', '--query', 'zebra', '--reason', 'r');
      const hold = String(placed.json[0]?.['id']);
      expect((await muniment.ok('show', second)).json[0]?.['holds']).toEqual([hold]);
      expect(await findings()).toEqual(['message-missing']);
      await expectRefused('held', second);
      await muniment.ok('hold', 'release', hold, '--reason', 'r');
      await muniment.ok('dispose', second, '--reason', 'r');
      expect(await findings()).toEqual(['message-missing']);
    },
    timeoutMs,
  );
});
