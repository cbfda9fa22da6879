import type { Entry, EntryKindName, EntryOf } from '#ledger';
import type { Accounting } from './accounting.ts';
import type { Dispositions } from './dispositions.ts';
import type { Examinations } from './examinations.ts';
import type { Holds } from './holds.ts';
import type { Matters } from './matters.ts';
import type { Messages } from './messages.ts';
import type { SavedSearches } from './saved-searches.ts';
import type { Sightings } from './sightings.ts';
import type { Sources } from './sources.ts';

/** The tables that entries are folded into. */
export interface Tables {
  readonly messages: Messages;
  readonly sightings: Sightings;
  readonly accounting: Accounting;
  readonly holds: Holds;
  readonly matters: Matters;
  readonly savedSearches: SavedSearches;
  readonly sources: Sources;
  readonly dispositions: Dispositions;
  readonly examinations: Examinations;
}

const nothing = () => {};

/**
 * What each kind of entry does to the state. The first capture of a digest and generation is the message; later ones, by
 * whatever kind they were recorded, are sightings.
 */
const folds: { readonly [K in EntryKindName]: (tables: Tables, entry: EntryOf<K>) => void } = {
  capture(tables, entry) {
    const message = tables.messages.captured(entry);
    if (message !== entry.sequence && entry.retainUntil !== undefined)
      tables.messages.retain(message, entry.retainUntil);
    tables.sightings.record(entry, message);
    tables.holds.matched(entry, message);
    tables.accounting.accounted(entry);
  },
  recovered(tables, entry) {
    tables.holds.matched(entry, tables.messages.captured(entry));
  },
  sighting(tables, entry) {
    tables.accounting.accounted(entry);
    const message = tables.messages.sequenceOf(entry.digest, entry.generation);
    if (message === undefined) return;
    tables.sightings.record(entry, message);
    tables.holds.matched(entry, message);
    if (entry.retainUntil !== undefined) tables.messages.retain(message, entry.retainUntil);
  },
  gone: (tables, entry) => tables.accounting.accounted(entry),
  quarantined: (tables, entry) => tables.accounting.quarantined(entry),
  collection: (tables, entry) => tables.sources.collected(entry),
  'source-changed': (tables, entry) => tables.sources.changed(entry),
  'matter-created': (tables, entry) => tables.matters.created(entry),
  'hold-placed': (tables, entry) => tables.holds.placed(entry),
  'hold-applied': (tables, entry) => tables.holds.applied(entry),
  'hold-swept': (tables, entry) => tables.holds.swept(entry),
  'hold-released': (tables, entry) => tables.holds.released(entry),
  'schedule-changed': (tables, entry) => tables.dispositions.scheduled(entry),
  disposing(tables, entry) {
    tables.dispositions.ordered(entry);
    tables.messages.setState(entry.capture, 'disposing');
  },
  disposed(tables, entry) {
    tables.dispositions.certified(entry);
    tables.messages.setState(entry.capture, 'disposed');
    tables.sightings.forget(entry.capture);
    tables.holds.forget(entry.capture);
  },
  epoch: (tables, entry) => tables.examinations.moved(entry),
  'key-rotated': nothing,
  search: nothing,
  read: nothing,
  export: nothing,
  backup: nothing,
  'token-rotated': nothing,
  'storage-examined': (tables, entry) => tables.examinations.examined(entry),
  'search-saved': (tables, entry) => tables.savedSearches.saved(entry),
  'search-discarded': (tables, entry) => tables.savedSearches.discarded(entry),
};

export function fold(tables: Tables, entry: Entry): void {
  // The table's type pairs each kind with its own entry; TypeScript cannot follow that through one index.
  const apply = folds[entry.kind] as (tables: Tables, entry: Entry) => void;
  apply(tables, entry);
}
