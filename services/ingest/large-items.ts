import type { Content } from './source.ts';
import type { SpoolItem } from './spool.ts';

/** Content, and what it must be when it is read again. */
export type LargeContent = Pick<SpoolItem, 'content' | 'size' | 'digest'>;

/**
 * Where the content of spooled items waits that is too large for the spool's own memory. Volatile like the spool: what is
 * neither dropped nor renewed may be removed after a day. Contract: test/contract/large-items.ts.
 */
export interface LargeItems extends AsyncDisposable {
  /**
   * Takes the content under a key of its own, which names it in all processes. A file is taken over.
   * @throws SourceFault `temporary-storage`; the content is still the caller's then
   */
  put(key: string, item: LargeContent): Promise<void>;

  /**
   * The content, in a file that stays until `release` or `drop` is called with its key in this process; undefined when it is
   * not there. Its bytes are not checked. @throws SourceFault `temporary-storage`
   */
  get(key: string): Promise<Content | undefined>;

  /** What `get` gave is no longer read here. Repeatable. */
  release(key: string): Promise<void>;

  /** Removes it. Repeatable. */
  drop(key: string): Promise<void>;

  /** They are still wanted, if the place can be told so: else they go when they are a day old. */
  renew(keys: readonly string[]): Promise<void>;

  /** Removes what nobody has dropped or renewed for a day. Returns how many. */
  sweep(): Promise<number>;
}

/** What is older was left by a process that died. */
export const largeItemAgeMsMax = 24 * 60 * 60 * 1000;
