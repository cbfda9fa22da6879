import { join } from 'node:path';
import { test } from '@jest/globals';
import { seeds } from '../soak.ts';
import { KilledCommitters } from './killed-committers.ts';

const kills = seeds(10, 100);

test(`invariant 8: 8 writers lose nothing and write nothing twice while ${kills} committers are killed`, async () => {
  await using killed = await KilledCommitters.at((folder) => join(folder, 'ledger'));
  await killed.survive(kills);
}, 600_000);
