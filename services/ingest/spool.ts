import type { Digest } from '#kernel';
import type { Content, Place } from './source.ts';

/** A sighting on its way to the archive: what a capture job finds under its key. */
export interface SpoolItem {
  readonly source: string;
  readonly place: Place;
  readonly digest: Digest;
  readonly size: number;
  readonly content: Content;
  /** When the source showed it to us, milliseconds since 1970. */
  readonly seenAt: number;
}

export interface SpoolPutOptions {
  /** Stops waiting for room; the item is not taken then. */
  readonly signal?: AbortSignal;
  /**
   * Called once, before `put` waits for room: whoever has put items that nobody works on yet hands them over now. Else two
   * who hold a part of the spool each could wait for each other for ever.
   */
  readonly beforeWaiting?: () => void;
}

/**
 * Where sightings wait between collecting and capturing, of one process or of many. It may be volatile: until a sighting is
 * in the ledger its source still has the message. Bounded by bytes, of all processes together: this is what slows a fast
 * source down. Contract: test/contract/spool.ts.
 */
export interface Spool extends AsyncDisposable {
  /**
   * Takes the item, and its temporary file when it has one, and names it by a new key. Waits while the spool is full,
   * in order of arrival; an item larger than the whole spool is taken when the spool is empty. Content in a file is
   * never loaded, and does not count against the bytes held in memory.
   * @throws SourceFault `spool-closed`, `spool-unreachable`, `temporary-storage`; the signal's reason when it is aborted
   * while waiting. The item is not taken then.
   */
  put(item: SpoolItem, options?: SpoolPutOptions): Promise<string>;

  /**
   * The item, as often as it is asked for until it is dropped; undefined when unknown or dropped, and when its bytes are not
   * those that were put. A file that it gives stays until the item is dropped in this process, or is gone anyway.
   * @throws SourceFault `spool-unreachable`
   */
  get(key: string): Promise<SpoolItem | undefined>;

  /** Forgets the item, removes its temporary file and makes room. Repeatable. */
  drop(key: string): Promise<void>;

  /** Bytes held now, by all processes, files not counted. @throws SourceFault `spool-unreachable` */
  heldBytes(): Promise<number>;

  /** Drops everything that was put here; those who wait in `put` are refused. */
  [Symbol.asyncDispose](): Promise<void>;
}
