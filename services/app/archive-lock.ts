import { DatabaseSync } from 'node:sqlite';
import { messageOf } from '#kernel';
import { AppFault } from './app-fault.ts';

/**
 * One process per archive. Node has no flock; an exclusive SQLite transaction is a lock that a second process cannot
 * take and that is free again after kill -9.
 */
export class ArchiveLock implements Disposable {
  readonly #db: DatabaseSync;

  private constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** The lock, or undefined when another process has it. @throws AppFault `in-use` when it cannot be tried */
  static tryTake(file: string): ArchiveLock | undefined {
    const db = new DatabaseSync(file, { timeout: 0 });
    try {
      db.exec('pragma locking_mode = exclusive; begin exclusive');
      return new ArchiveLock(db);
    } catch (cause) {
      db.close();
      if (/locked|busy/iu.test(messageOf(cause))) return undefined;
      throw new AppFault('in-use', `The archive's lock ${file} cannot be taken: ${messageOf(cause)}`, {
        remedy: 'Check the permissions of the archive folder and the free space on its disk.',
        cause,
      });
    }
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}
