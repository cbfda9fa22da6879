import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { digestOf } from '#kernel';
import type { Found, FoundMessage } from '../../../services/ingest/source.ts';
import type { FileFormat } from '../../../services/ingest/sources/candidates.ts';
import { FileSource } from '../../../services/ingest/sources/file-source.ts';
import { OwnFolders } from '../../../services/ingest/sources/own-folders.ts';
import { UidSet } from '../../../services/ingest/uid-set.ts';
import { corpus } from '../../corpora.ts';
import { describeVariant } from '../../describe-variant.ts';

let root: string;
let temporaryFolder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'muniment-files-'));
  temporaryFolder = await mkdtemp(join(tmpdir(), 'muniment-temporary-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
  await rm(temporaryFolder, { recursive: true, force: true });
});

const mail = 'Subject: x\n\nbody\n';
const mbox = `From a@example.org Mon Jan  1 00:00:00 2024\n${mail}\nFrom b@example.org Mon Jan  1 00:00:01 2024\n${mail}`;

function write(path: string, content: string | Buffer = mail): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

const ofNobody = new OwnFolders({ folders: [], marker: 'muniment.json' });

interface Order {
  readonly path?: string;
  readonly format?: FileFormat;
  readonly custodian?: string;
  readonly own?: OwnFolders;
}

async function collect(options: Order = {}): Promise<Found[]> {
  const source = new FileSource({
    id: 'import',
    path: options.path ?? root,
    format: options.format ?? 'auto',
    custodian: options.custodian,
    temporaryFolder,
    own: options.own ?? ofNobody,
  });
  const account = { accounted: async () => await Promise.resolve(new UidSet()) };
  const all: Found[] = [];
  for await (const found of source.sightings(account, new AbortController().signal)) all.push(found);
  return all;
}

function messagesOf(found: readonly Found[]): FoundMessage[] {
  return found.filter((one) => one.kind === 'message');
}

function pathsOf(found: readonly Found[], kind: 'message' | 'ignored' | 'failed'): string[] {
  return found.flatMap((one) => {
    if (one.kind === 'known' || one.kind !== kind) return [];
    return [one.kind === 'ignored' ? one.path : (one.place.path ?? '')];
  });
}

/** `path -> custodian | mailbox` */
function naming(found: readonly Found[]): string[] {
  return messagesOf(found).map(({ place }) => `${place.path} -> ${place.custodian} | ${place.mailbox}`);
}

describe('candidates', () => {
  test('auto takes *.eml, Maildir deliveries, mbox by its From line, and bare or numbered files that begin with a field', async () => {
    for (const path of [
      'a/x.eml',
      'a/X.EML',
      'a/cur/1.host:2,S',
      'a/new/anything.txt',
      'a/12',
      'a/12.',
      'a/3.4',
      'a/note',
    ])
      write(path);
    for (const path of ['a/box', 'a/box.mbox', 'a/box.txt']) write(path, mbox);
    write('a/empty.eml', '');
    const others = {
      'a/x.txt': mail,
      'a/readme': 'no field here',
      'a/none': '',
      'a/from': 'From the desk of nobody\n\nhello',
    };
    for (const [path, content] of Object.entries(others)) write(path, content);
    write('a/tmp/9.host');
    const found = await collect();
    expect(new Set(pathsOf(found, 'message'))).toEqual(
      new Set([
        'a/x.eml',
        'a/X.EML',
        'a/cur/1.host:2,S',
        'a/new/anything.txt',
        'a/12',
        'a/12.',
        'a/3.4',
        'a/note',
        'a/box',
        'a/box.mbox',
        'a/box.txt',
        'a/empty.eml',
      ]),
    );
    expect(messagesOf(found)).toHaveLength(15);
    expect(new Set(pathsOf(found, 'ignored'))).toEqual(new Set([...Object.keys(others), 'a/tmp/9.host']));
    expect(new Set(messagesOf(found).map(({ place }) => place.format))).toEqual(new Set(['eml', 'maildir', 'mboxrd']));
  });

  test('eml takes every file, as it is', async () => {
    write('a/x.txt', 'no mail');
    write('a/box', mbox);
    write('a/.hidden', '');
    write('a/tmp/1');
    const found = await collect({ format: 'eml' });
    expect(pathsOf(found, 'message')).toEqual(['a/.hidden', 'a/box', 'a/tmp/1', 'a/x.txt']);
    expect(messagesOf(found).map(({ size }) => size)).toEqual([0, mbox.length, mail.length, 7]);
  });

  test('maildir takes cur and new only; mboxo and mboxrd take what begins with a From line only', async () => {
    write('a/cur/1:2,RS');
    write('a/x.eml');
    write('a/box', mbox);
    expect(pathsOf(await collect({ format: 'maildir' }), 'message')).toEqual(['a/cur/1:2,RS']);
    const found = await collect({ format: 'mboxo' });
    expect(messagesOf(found).map(({ place }) => `${place.path} ${place.format}`)).toEqual([
      'a/box mboxo',
      'a/box mboxo',
    ]);
    expect(pathsOf(found, 'failed')).toEqual(['a/cur/1:2,RS', 'a/x.eml']);
  });

  test.each([
    ['a byte order mark', '\uFEFF'],
    ['blank lines', '\n\n'],
    ['blank lines with CRLF', '\r\n\r\n'],
    ['both', '\uFEFF\r\n\n'],
  ])('an mbox behind %s is read, its offsets those of the file', async (_name, before) => {
    write('a/box.mbox', before + mbox);
    write('a/noname', before + mbox);
    const start = Buffer.byteLength(before) + mbox.indexOf('\n') + 1;
    for (const format of ['auto', 'mboxrd', 'mboxo'] as const) {
      const found = messagesOf(await collect({ format }));
      expect(found.map(({ place }) => place.offset)).toEqual([
        start,
        start + mbox.lastIndexOf('Subject') - mbox.indexOf('Subject'),
        start,
        start + mbox.lastIndexOf('Subject') - mbox.indexOf('Subject'),
      ]);
      expect(new Set(found.map(({ digest }) => digest))).toEqual(new Set([digestOf(Buffer.from(mail))]));
    }
  });

  test('what is called an mbox and does not begin like one is failed, with the reason; an empty one is ignored', async () => {
    for (const name of ['a/1.mbox', 'a/2.MBX', 'a/3.mbx']) write(name, `\n${mail}`);
    write('a/empty.mbox', '');
    const found = await collect();
    expect(pathsOf(found, 'failed')).toEqual(['a/1.mbox', 'a/2.MBX', 'a/3.mbx']);
    expect(found.flatMap((one) => (one.kind === 'failed' ? [one.reason] : []))).toEqual(
      Array(3).fill('does not begin with an mbox "From " line'),
    );
    expect(pathsOf(found, 'ignored')).toEqual(['a/empty.mbox']);
  });

  test('an mbox of lines that end with CR alone is read', async () => {
    write('a/In', mbox.replaceAll('\n', '\r'));
    write('a/box.mbox', `\r\r${mbox.replaceAll('\n', '\r')}`);
    const found = messagesOf(await collect());
    expect(found.map(({ digest }) => digest)).toEqual(
      Array(4).fill(digestOf(Buffer.from(mail.replaceAll('\n', '\r')))),
    );
  });

  test('an mbox whose first line is no separator is failed with the reason, and prose of that kind ignored', async () => {
    const odd = {
      long: `From ${'x'.repeat(2000)} Mon Jan  1 00:00:00 2024\n${mail}`,
      longer: `From ${'x'.repeat(9000)} Mon Jan  1 00:00:00 2024\n${mail}`,
      prose: 'From 10:30 on\nwe met\n',
      cr: 'From 10:30 on\rwe met\r',
    };
    for (const [name, content] of Object.entries(odd)) {
      write(`a/${name}.mbox`, content);
      write(`b/${name}`, content);
    }
    const found = await collect();
    expect(pathsOf(found, 'message')).toEqual([]);
    expect(pathsOf(found, 'ignored')).toEqual(
      Object.keys(odd)
        .sort()
        .map((name) => `b/${name}`),
    );
    const reasons = found.flatMap((one) => (one.kind === 'failed' ? [one.reason] : []));
    expect(reasons).toEqual(
      Array(4).fill(expect.stringContaining('begins with "From ", and not with an mbox "From " line')),
    );
  });

  test.each(['x.txt', 'readme', 'empty.mbox'])('%s, named itself and no candidate, is failed', async (name) => {
    write(name, name.startsWith('empty') ? '' : 'no mail');
    const found = await collect({ path: join(root, name) });
    expect(found).toEqual([
      expect.objectContaining({ kind: 'failed', reason: expect.stringContaining('--format eml takes every file') }),
    ]);
  });
});

describe('whose mail and which mailbox', () => {
  test('the first folder is the custodian, the folders below the mailbox', async () => {
    for (const path of [
      'alice/inbox/2023/1.eml',
      'alice/1.eml',
      'bob/cur/1',
      'bob/.Sent.Old &- &AOQ-/new/2',
      'top.eml',
    ])
      write(path);
    write('alice/Archive.mbox', mbox);
    const custodian = root.split('/').at(-1);
    expect(naming(await collect())).toEqual([
      'alice/1.eml -> alice | ',
      'alice/Archive.mbox -> alice | Archive',
      'alice/Archive.mbox -> alice | Archive',
      'alice/inbox/2023/1.eml -> alice | inbox/2023',
      'bob/.Sent.Old &- &AOQ-/new/2 -> bob | Sent/Old & ä',
      'bob/cur/1 -> bob | INBOX',
      `top.eml -> ${custodian} | `,
    ]);
  });

  test('a custodian that is given names all, and every folder is part of the mailbox', async () => {
    write('inbox/2023/1.eml');
    write('2.eml');
    expect(naming(await collect({ custodian: 'carol' }))).toEqual([
      '2.eml -> carol | ',
      'inbox/2023/1.eml -> carol | inbox/2023',
    ]);
  });

  test('a path that is itself a Maildir, or a file, names the custodian', async () => {
    for (const path of ['alice/Maildir/cur/1:2,', 'alice/Maildir/.Sent/cur/2:2,F', 'dora/mail.eml']) write(path);
    write('bob.mbox', mbox);
    expect(naming(await collect({ path: join(root, 'alice/Maildir') }))).toEqual([
      '.Sent/cur/2:2,F -> alice | Sent',
      'cur/1:2, -> alice | INBOX',
    ]);
    expect(naming(await collect({ path: join(root, 'bob.mbox') }))).toEqual(Array(2).fill('bob.mbox -> bob | bob'));
    expect(naming(await collect({ path: join(root, 'dora/mail.eml') }))).toEqual(['mail.eml -> dora | ']);
  });

  test('info letters of a Maildir name become flags', async () => {
    for (const name of ['1:2,FS', '2:2,', '3']) write(`alice/cur/${name}`);
    expect(messagesOf(await collect()).map(({ place }) => place.flags)).toEqual([['F', 'S'], [], undefined]);
  });
});

describe('the tree', () => {
  test('comes in the same order always, by the bytes of the names', async () => {
    for (const path of ['b/2.eml', 'B/1.eml', 'a.eml', 'b/10.eml', 'ä/1.eml', 'z/1.eml']) write(path);
    const paths = pathsOf(await collect(), 'message');
    expect(paths).toEqual(['B/1.eml', 'a.eml', 'b/10.eml', 'b/2.eml', 'z/1.eml', 'ä/1.eml']);
    expect(pathsOf(await collect(), 'message')).toEqual(paths);
  });

  test('invariant 2: bytes and digest are those of the file', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, n) => n));
    write('a/1.eml', bytes);
    const [found] = messagesOf(await collect());
    expect(found).toMatchObject({ content: { bytes }, size: 256, digest: digestOf(bytes) });
  });

  test('links are named and not followed, special files neither read nor waited for', async () => {
    write('a/1.eml');
    symlinkSync('/etc', join(root, 'a/out'));
    symlinkSync(join(root, 'a/1.eml'), join(root, 'a/same.eml'));
    execFileSync('mkfifo', [join(root, 'a/pipe.eml')]);
    const found = await collect();
    expect(pathsOf(found, 'message')).toEqual(['a/1.eml']);
    expect(pathsOf(found, 'ignored').sort()).toEqual(['a/out', 'a/pipe.eml', 'a/same.eml']);
  });

  test('file names that are not UTF-8 are read, and shown with their bytes', async () => {
    mkdirSync(join(root, 'a'));
    writeFileSync(Buffer.concat([Buffer.from(join(root, 'a/')), Buffer.from([0xe4, 0xff]), Buffer.from('.eml')]), mail);
    expect(pathsOf(await collect(), 'message')).toEqual(['./a/\\xE4\\xFF.eml']);
  });

  test('a folder and a file that cannot be read are failed, and everything else comes', async () => {
    for (const path of ['a/1.eml', 'locked/2.eml', 'z/3.eml', 'z/4.eml']) write(path);
    chmodSync(join(root, 'locked'), 0);
    chmodSync(join(root, 'z/3.eml'), 0);
    chmodSync(root, 0o755);
    const found = await asNobody(async () => await collect());
    expect(pathsOf(found, 'message')).toEqual(['a/1.eml', 'z/4.eml']);
    expect(pathsOf(found, 'failed')).toEqual(['locked', 'z/3.eml']);
    expect(
      found
        .filter((one) => one.kind === 'failed')
        .every((one) => one.code === 'unreadable' && !one.reason.includes('\n')),
    ).toBe(true);
  });

  test.each(['auto', 'eml'] as const)('the program’s own folders are no mail, %s', async (format) => {
    for (const path of ['ada/1.eml', 'data/ledger/0', 'keys/signing-key.pem', 'data2/1.eml']) write(path);
    const own = new OwnFolders({ folders: [join(root, 'data'), join(root, 'keys')], marker: 'muniment.json' });
    const found = await collect({ format, own });
    expect(pathsOf(found, 'message')).toEqual(['ada/1.eml', 'data2/1.eml']);
    expect(pathsOf(found, 'ignored')).toEqual(['data', 'keys']);
    for (const path of ['data', 'data/ledger', 'keys/signing-key.pem']) {
      expect(() => own.refuse(join(root, path))).toThrow(expect.objectContaining({ code: 'path-not-mail' }));
    }
    own.refuse(join(root, 'data2'));
  });

  test('another archive is failed, not passed over: its marker beside mail must not hide that', async () => {
    for (const path of ['ada/1.eml', 'ada/muniment.json', 'ben/1.eml']) write(path);
    const found = await collect();
    expect(pathsOf(found, 'message')).toEqual(['ben/1.eml']);
    expect(pathsOf(found, 'failed')).toEqual(['ada']);
    expect(() => ofNobody.refuse(join(root, 'ada/cur'))).toThrow(expect.objectContaining({ code: 'path-not-mail' }));
  });

  test('a path that does not exist is a fault', async () => {
    await expect(collect({ path: join(root, 'absent') })).rejects.toMatchObject({ code: 'path-not-found' });
  });

  test('a file is read to its end, whatever the system says of its size', async () => {
    // Linux says 0 of it.
    const file = '/proc/version';
    if (!existsSync(file)) return;
    const [found] = messagesOf(await collect({ path: file, format: 'eml' }));
    expect(found?.digest).toBe(digestOf(readFileSync(file)));
    expect(found?.size).toBe(readFileSync(file).length);
  });

  test('a message too large for memory is copied to a file of its own', async () => {
    const large = Buffer.alloc(17 * 1024 * 1024, 'Subject: x\n');
    write('a/large.eml', large);
    const [found] = messagesOf(await collect());
    if (found === undefined || !('file' in found.content)) throw new Error('no file');
    expect(readFileSync(found.content.file).equals(large)).toBe(true);
    expect(found.content.file.startsWith(root)).toBe(false);
    expect(found.digest).toBe(digestOf(large));
    await rm(found.content.file);
    expect((await stat(join(root, 'a/large.eml'))).size).toBe(large.length);
  });

  test('stopping ends with the signal’s reason', async () => {
    for (let n = 0; n < 100; n += 1) write(`a/${n}.eml`);
    const stop = new AbortController();
    const reason = new Error('stop');
    const source = new FileSource({ id: 'i', path: root, format: 'auto', temporaryFolder: root, own: ofNobody });
    let count = 0;
    const reading = (async () => {
      for await (const _found of source.sightings(
        { accounted: async () => await Promise.resolve(new UidSet()) },
        stop.signal,
      )) {
        count += 1;
        if (count === 10) stop.abort(reason);
      }
    })();
    await expect(reading).rejects.toBe(reason);
    expect(count).toBe(10);
  });
});

describeVariant('corpora', 'real mail', () => {
  test('every file of demo-small that its manifest names comes with the digest the manifest gives', async () => {
    const folder = join((await corpus('demo-small')) ?? '', 'demo-small');
    const manifest = readFileSync(join(folder, 'manifest.jsonl'), 'utf8').trim().split('\n');
    const expected = manifest.map((line): string => JSON.parse(line).sha256);
    const found = messagesOf(await collect({ path: folder }));
    expect(found.map(({ digest }) => digest).sort()).toEqual(expected.sort());
  });
});

/** Root may read everything: as root, `action` runs as the user `nobody`. */
async function asNobody<T>(action: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return await action();
  process.seteuid?.(65_534);
  try {
    return await action();
  } finally {
    process.seteuid?.(0);
  }
}
