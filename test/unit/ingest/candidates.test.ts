import { expect, test } from '@jest/globals';
import { judgeByBeginning } from '../../../services/ingest/sources/candidates.ts';

const compoundFile = Buffer.from('d0cf11e0a1b11ae1', 'hex');

function judged(name: string, beginning: Buffer | string) {
  return judgeByBeginning({ name, maildirFolder: undefined }, 'auto', Buffer.from(beginning));
}

test.each([
  ['old.pst', '!BDN'],
  ['one.MSG', compoundFile],
  ['old.ost', '!BDN'],
])("%s is Outlook's, and is failed: mail that is not read", (name, beginning) => {
  expect(judged(name, beginning)).toEqual({ kind: 'failed', reason: expect.stringContaining('Outlook') });
});

test('text that is saved as .msg is a message or an mbox, by how it begins', () => {
  expect(judged('one.msg', 'DKIM-Signature: v=1\r\n')).toEqual({ kind: 'taken', take: 'eml' });
  expect(judged('all.msg', 'From a@b.example Tue Nov  7 12:00:00 2023\nSubject: x\n\n')).toEqual({
    kind: 'taken',
    take: 'mboxrd',
  });
});

test.each(['', 'This is no field\n', '\0\0\0\0'])(
  'a .msg that begins with %j is failed, and not called Outlook’s',
  (text) => {
    expect(judged('one.msg', text)).toEqual({ kind: 'failed', reason: expect.stringContaining('begins like none') });
  },
);
