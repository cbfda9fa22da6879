import type { BlobDamage } from '../../blob-store.ts';
import { Locator } from './locator.ts';
import { follow } from './recovery.ts';
import type { SegmentFiles } from './segment-files.ts';

/** How often what differs is looked at anew: mail comes in and is disposed of meanwhile. */
const LOOKS = 5;
const NAMED_MAX = 20;

/**
 * Names what the locator says and a new one, made from the segments, does not, or the other way round; where there is
 * anything, the next start makes the locator anew.
 */
export async function* locatorDamage(locator: Locator, files: SegmentFiles): AsyncGenerator<BlobDamage> {
  using fresh = Locator.temporary();
  let differing = new Set<string>();
  for (let look = 1; look <= LOOKS; look++) {
    await follow(fresh, locator, files);
    const found = differences(locator, fresh);
    differing = look === 1 ? found : new Set([...differing].filter((key) => found.has(key)));
    if (differing.size === 0) return;
  }
  locator.distrust();
  const problem = 'the locator does not say what the segments say, and is made anew at the next start';
  for (const key of [...differing].slice(0, NAMED_MAX)) yield { place: `locator, ${key}`, problem };
  const more = differing.size - NAMED_MAX;
  if (more > 0) yield { place: 'locator', problem: `it differs from the segments in ${more} more places` };
}

type Row = readonly [key: string, text: string];
/** After every key. */
const END: Row = ['\uffff', ''];

function differences(here: Locator, there: Locator): Set<string> {
  const found = new Set<string>();
  const [these, those] = [here.rows(), there.rows()];
  let [a, b] = [nextOf(these), nextOf(those)];
  while (a !== END || b !== END) {
    const [least] = a[0] <= b[0] ? a : b;
    if (a[0] !== b[0] || a[1] !== b[1]) found.add(least);
    const [takesA, takesB] = [a[0] === least, b[0] === least];
    if (takesA) a = nextOf(these);
    if (takesB) b = nextOf(those);
  }
  return found;
}

function nextOf(rows: Iterator<Row>): Row {
  const next = rows.next();
  return next.done === true ? END : next.value;
}
