import { expect, test } from '@jest/globals';
import { SharedRun } from '#kernel';

test('a run serves all that asked before it began, and none that asked later; a failure is theirs alone', async () => {
  const begun: PromiseWithResolvers<void>[] = [];
  const shared = new SharedRun(() => {
    const run = Promise.withResolvers<void>();
    begun.push(run);
    return run.promise;
  });
  const first = [shared.ran(), shared.ran()];
  await new Promise(setImmediate);
  expect(begun).toHaveLength(1);
  const second = Promise.allSettled([shared.ran(), shared.ran(), shared.ran()]);
  await new Promise(setImmediate);
  expect(begun).toHaveLength(1);
  begun[0]?.resolve();
  await Promise.all(first);
  await new Promise(setImmediate);
  expect(begun).toHaveLength(2);
  const third = shared.ran();
  begun[1]?.reject(new Error('away'));
  expect((await second).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  await new Promise(setImmediate);
  begun[2]?.resolve();
  await third;
  expect(begun).toHaveLength(3);
});
