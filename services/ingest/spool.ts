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

/**
 * Where sightings wait between collecting and capturing. It may be volatile: until a sighting is in the ledger its source
 * still has the message. Bounded by bytes: this is what slows a fast source down. Contract: test/contract/spool.ts.
 */
export interface Spool extends AsyncDisposable {
  /**
   * Takes the item, and its temporary file when it has one, and names it by a new key. Waits while the spool is full,
   * in order of arrival; an item larger than the whole spool is taken when the spool is empty. Content in a file is
   * referenced, never loaded, and does not count against the bytes held in memory.
   * @throws SourceFault `spool-closed`; the signal's reason when it is aborted while waiting (the item is not taken then)
   */
  put(item: SpoolItem, signal?: AbortSignal): Promise<string>;

  /** Whether `put` would take the item at once. Whoever would have to wait first hands over what is waiting on its side. */
  hasRoomFor(item: SpoolItem): boolean;

  /** The item, as often as it is asked for until it is dropped; undefined when unknown or dropped. */
  get(key: string): Promise<SpoolItem | undefined>;

  /** Forgets the item, removes its temporary file and makes room. Repeatable. */
  drop(key: string): Promise<void>;

  /** Bytes held now, files not counted. */
  readonly heldBytes: number;

  /** Drops everything; those who wait in `put` are refused. */
  [Symbol.asyncDispose](): Promise<void>;
}
