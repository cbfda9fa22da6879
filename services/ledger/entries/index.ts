import type { Sequence } from '#kernel';
import type { z } from 'zod';
import { exported, read, search } from './access.ts';
import { backup } from './backup.ts';
import { capture, recovered } from './capture.ts';
import { collection } from './collection.ts';
import { disposed, disposing } from './disposition.ts';
import { epoch } from './epoch.ts';
import { gone, quarantined } from './gone.ts';
import { holdApplied, holdPlaced, holdReleased, holdSwept } from './hold.ts';
import { keyRotated } from './key-rotated.ts';
import { matterCreated } from './matter-created.ts';
import { searchDiscarded, searchSaved } from './saved-search.ts';
import { scheduleChanged } from './schedule-changed.ts';
import { sighting } from './sighting.ts';
import { sourceChanged } from './source-changed.ts';
import { storageExamined } from './storage-examined.ts';
import { tokenRotated } from './token-rotated.ts';

/** The closed list. A kind may be added, and to one a field that may be absent; nothing else changes, because the format outlives the code. */
export const entryKinds = {
  epoch,
  'key-rotated': keyRotated,
  capture,
  recovered,
  sighting,
  gone,
  quarantined,
  collection,
  'source-changed': sourceChanged,
  'matter-created': matterCreated,
  'hold-placed': holdPlaced,
  'hold-applied': holdApplied,
  'hold-swept': holdSwept,
  'hold-released': holdReleased,
  'schedule-changed': scheduleChanged,
  disposing,
  disposed,
  search,
  read,
  export: exported,
  backup,
  'token-rotated': tokenRotated,
  'storage-examined': storageExamined,
  'search-saved': searchSaved,
  'search-discarded': searchDiscarded,
} as const;

export type EntryKindName = keyof typeof entryKinds;
type Fields<K extends EntryKindName> = z.infer<(typeof entryKinds)[K]['fields']>;
export type AsideOf<K extends EntryKindName> = z.infer<(typeof entryKinds)[K]['aside']>;

/** What a caller proposes: the kind, its fields without version and time (the ledger's), and what belongs into the sidecar. */
export type EntryDraft = {
  [K in EntryKindName]: Omit<Fields<K>, 'v' | 'time'> & { readonly aside: AsideOf<K> };
}[EntryKindName];

/** What a reader gets. `aside` is `erased` where the sidecar line is lawfully gone. */
export type Entry = {
  [K in EntryKindName]: Fields<K> & {
    readonly sequence: Sequence;
    readonly aside: AsideOf<K> | 'erased';
  };
}[EntryKindName];

/** One kind of entry: `EntryOf<'capture'>`. */
export type EntryOf<K extends EntryKindName> = Extract<Entry, { kind: K }>;
