import { writeSync } from 'node:fs';
import { backup, restore, type StoredArchive } from '#backup';
import { openStores, WholeArchive } from '../whole-archive.ts';

/**
 * Backs up, or restores, until it is killed or done, and says so on standard output before and after each call to the store
 * that is written. Arguments: `backup` or `restore`, the folder that is read, the folder that is written.
 */
const [, , mode = '', from = '', to = ''] = process.argv;

/** The same object, each of whose calls is told of. */
function told<Store extends object>(store: Store): Store {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...call: unknown[]): unknown => {
        writeSync(1, `${String(name)}\n`);
        const answer: unknown = Reflect.apply(value, target, call);
        if (answer instanceof Promise)
          void answer.then(
            () => writeSync(1, `${String(name)} done\n`),
            () => undefined,
          );
        return answer;
      };
    },
  });
}

await using written = await openStores(to);
const target: StoredArchive = { archive: told(written.archive), ledgerStore: told(written.ledgerStore) };
if (mode === 'backup') {
  await using source = await WholeArchive.open(from);
  await backup(source, target, { clock: source.clock, actor: 'cli', to: 'file:backup' });
} else {
  await using source = await openStores(from);
  await restore(source, target, { clock: { now: () => 0 }, resume: true });
}
