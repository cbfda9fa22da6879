import { expect, test } from '@jest/globals';
import { judgeByBeginning } from '../../../services/ingest/sources/candidates.ts';

test.each(['old.pst', 'one.MSG', 'old.ost'])('%s is mail that is not read, and is failed', (name) => {
  const file = { name, maildirFolder: undefined };
  expect(judgeByBeginning(file, 'auto', Buffer.from('!BDN'))).toEqual({
    kind: 'failed',
    reason: expect.stringContaining('Outlook'),
  });
});
