import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SeparateCatalog } from '#catalog';
import { ParsingPool, Rereading } from '#ingest';
import { digestOf, Turnstile } from '#kernel';
import { Disposition, RetentionFault } from '#retention';
import { TemporaryFolder, WholeArchive } from '../../whole-archive.ts';

const worker = new URL('../ingest/stand-ins/failing-worker.ts', import.meta.url);

const undated = mail('Subject: apples\r\n', 'No date at all.');
const dated = mail('Subject: apples\r\nDate: Tue, 2 Jan 2024 10:00:00 +0000\r\n', 'Well dated.');
const old = mail('Subject: apples\r\nDate: Tue, 2 Jan 1999 10:00:00 +0000\r\n', 'Dated long before.');
const withImage = mail(
  'Subject: pears\r\nDate: Tue, 2 Jan 2024 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n',
  '--b\r\n\r\nSee the scan.\r\n--b\r\nContent-Type: image/png; name=scan.png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--',
);

function mail(header: string, body: string): Buffer {
  return Buffer.from(`From: ada@a.example\r\nMessage-ID: <${body.length}@a.example>\r\n${header}\r\n${body}\r\n`);
}

describe('what nobody has read is not destroyed under a hold (DESIGN rule 5, invariant 13)', () => {
  let folder: TemporaryFolder;
  let archive: WholeArchive;

  beforeEach(async () => {
    folder = await TemporaryFolder.make();
    archive = await WholeArchive.open(folder.path);
    await archive.capture([undated, dated, old, withImage]);
    await archive.matters.create({ name: 'M', description: '' }, 'cli');
  });

  afterEach(async () => {
    await archive[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  async function dispose(bytes: Buffer, disposition = archive.disposition): Promise<string> {
    const message = archive.catalog.messages.byDigest(digestOf(bytes));
    if (message === undefined) throw new Error('not captured');
    try {
      await disposition.dispose(message, 'asked for', 'cli');
      return 'disposed';
    } catch (fault) {
      if (fault instanceof RetentionFault) return fault.code;
      throw fault;
    }
  }

  test('a hold on a span of time covers a message whose date nobody can tell', async () => {
    const { messages } = await archive.holds.place(
      { matter: 'M', query: 'apples date:2020..2030', reason: 'r' },
      'cli',
    );
    expect(messages).toBe(2);
    expect(await dispose(undated)).toBe('held');
    expect(await dispose(dated)).toBe('held');
    expect(await dispose(old)).toBe('disposed');
  });

  test('one that arrives later is covered as well', async () => {
    await archive.holds.place({ matter: 'M', query: 'apples date:2020..2030', reason: 'r' }, 'cli');
    const later = mail('Subject: apples\r\nDate: yesterday, more or less\r\n', 'Later.');
    await archive.capture([later]);
    expect(await dispose(later)).toBe('held');
  });

  test('a hold on a span of time covers a message with two dates', async () => {
    const twice = mail(
      'Subject: apples\r\nDate: Tue, 2 Jan 1999 10:00:00 +0000\r\nDate: Tue, 2 Jan 2024 10:00:00 +0000\r\n',
      '',
    );
    await archive.capture([twice]);
    await archive.holds.place({ matter: 'M', query: 'apples date:2020..2030', reason: 'r' }, 'cli');
    expect(await dispose(twice)).toBe('held');
  });

  test('a hold on words covers a message that two readers see differently', async () => {
    const twice = mail('Subject: plums\r\nContent-Type: text/plain\r\nContent-Type: text/html\r\n', 'Not said.');
    await archive.capture([twice]);
    await archive.holds.place({ matter: 'M', query: 'guilty', reason: 'r' }, 'cli');
    expect(await dispose(twice)).toBe('held');
  });

  test('a hold on words keeps a message with an attachment that was not read, and says why', async () => {
    await archive.holds.place({ matter: 'M', query: 'guilty', reason: 'r' }, 'cli');
    const message = archive.catalog.messages.byDigest(digestOf(withImage));
    if (message === undefined) throw new Error('not captured');
    await expect(archive.disposition.dispose(message, 'asked for', 'cli')).rejects.toThrow('nobody has read');
    expect((await archive.archive.read(message)).equals(withImage)).toBe(true);
    expect(await dispose(dated)).toBe('disposed');
  });

  test('a hold on words keeps a message with a picture within its text', async () => {
    const picture = '<p>See the scan.<img src="data:image/png;base64,iVBORw0KGgo=">';
    const message = mail('Subject: pears\r\nContent-Type: text/html\r\n', picture);
    await archive.capture([message]);
    await archive.holds.place({ matter: 'M', query: 'guilty', reason: 'r' }, 'cli');
    expect(await dispose(message)).toBe('held');
  });

  test('a hold on another custodian does not keep it', async () => {
    await archive.holds.place({ matter: 'M', query: 'guilty custodian:ben', reason: 'r' }, 'cli');
    expect(await dispose(withImage)).toBe('disposed');
  });

  test('a hold on words keeps what takes too long to read, and captures do not wait for that', async () => {
    const slow = mail('Subject: plums\r\n', 'please hang');
    await archive.capture([slow]);
    await using pool = new ParsingPool(1, { worker, messageTimeMaxMs: 2000 });
    const turnstile = new Turnstile();
    const rereading = new Rereading({ archive: archive.archive, pool });
    const begun = Promise.withResolvers<void>();
    const contents: Pick<Rereading, 'read'> = {
      read(messages) {
        begun.resolve();
        return rereading.read(messages);
      },
    };
    const { recorder, index, clock } = archive;
    using truth = new SeparateCatalog(recorder.ledger);
    const parts = { recorder, archive: archive.archive, index, contents, truth, clock, turnstile };
    const disposition = new Disposition(parts);
    await archive.holds.place({ matter: 'M', query: 'guilty custodian:ben', reason: 'r' }, 'cli');
    await archive.holds.place({ matter: 'M', query: 'guilty', reason: 'r' }, 'cli');
    let isDone = false;
    const disposed = dispose(slow, disposition).finally(() => (isDone = true));
    await begun.promise;
    await turnstile.pass(async () => undefined);
    expect(isDone).toBe(false);
    expect(await disposed).toBe('held');
    for (const { id, query } of archive.catalog.holds.active()) {
      if (query === 'guilty') await archive.holds.release(id, 'settled', 'cli');
    }
    expect(await dispose(slow, disposition)).toBe('disposed');
  });

  test.each([
    ['application/rtf', Buffer.from('{\\rtf1 gui\\b lty}')],
    ['text/plain', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x2b, 0xc9, 0x48, 0x55, 0xc8, 0x48, 0x2d])],
    ['text/plain; charset=gbk', Buffer.from('gu\xff ilty', 'latin1')],
    ['text/plain', Buffer.from('c3c1d0ccd1', 'hex')],
  ])('a hold on words keeps what calls itself text and cannot be read as such: %s', async (type, content) => {
    const unreadable = mail(
      `Subject: plums\r\nContent-Type: ${type}\r\nContent-Transfer-Encoding: base64\r\n`,
      content.toString('base64'),
    );
    await archive.capture([unreadable]);
    await archive.holds.place({ matter: 'M', query: 'guilty', reason: 'r' }, 'cli');
    expect(await dispose(unreadable)).toBe('held');
  });
});
