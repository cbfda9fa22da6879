import { sightingFields } from './capture.ts';
import { entryKind } from './entry-kind.ts';
import { sightingAside } from './sighting-aside.ts';

/** A message that is archived already was seen again, elsewhere or by another source. */
export const sighting = entryKind('sighting', sightingFields, sightingAside);
