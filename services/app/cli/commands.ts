import type { AnyCommand } from './command.ts';
import { collectCommand } from './collect.ts';
import { holdList, holdPlace, holdRelease } from './hold.ts';
import { importCommand } from './import.ts';
import { matterCreate, matterList, matterShow } from './matter.ts';
import { disposeCommand, retentionSet, retentionShow } from './retention.ts';
import { searchCommand } from './search.ts';
import { showCommand } from './show.ts';
import { sourcesAddImap, sourcesList } from './sources.ts';
import { statusCommand } from './status.ts';

/** Every command, in the order in which --help lists them. */
export const commands: readonly AnyCommand[] = [
  importCommand,
  sourcesAddImap,
  sourcesList,
  collectCommand,
  searchCommand,
  showCommand,
  statusCommand,
  matterCreate,
  matterList,
  matterShow,
  holdPlace,
  holdList,
  holdRelease,
  retentionSet,
  retentionShow,
  disposeCommand,
];
