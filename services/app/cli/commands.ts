import type { AnyCommand } from './command.ts';
import { backupCommand } from './backup.ts';
import { bucketsCreate } from './buckets.ts';
import { collectCommand } from './collect.ts';
import { doctorCommand } from './doctor.ts';
import { exportCommand } from './export.ts';
import { holdList, holdPlace, holdRelease } from './hold.ts';
import { importCommand } from './import.ts';
import { matterCreate, matterList, matterShow } from './matter.ts';
import { checkpointCommand, proofCommand } from './proof.ts';
import { rebuildCommand } from './rebuild.ts';
import { restoreCommand } from './restore.ts';
import { disposeCommand, retentionSet, retentionShow } from './retention.ts';
import { savedAdd, savedDiscard, savedList } from './saved.ts';
import { searchCommand } from './search.ts';
import { searchesCommand } from './searches.ts';
import { serveCommand } from './serve.ts';
import { showCommand } from './show.ts';
import { sourcesAddImap, sourcesList } from './sources.ts';
import { statusCommand } from './status.ts';
import { termsCommand } from './terms.ts';
import { tokenRotate } from './token.ts';
import { verifyCommand } from './verify.ts';

/** Every command, in the order in which --help lists them. */
export const commands: readonly AnyCommand[] = [
  importCommand,
  sourcesAddImap,
  sourcesList,
  collectCommand,
  searchCommand,
  searchesCommand,
  termsCommand,
  showCommand,
  statusCommand,
  matterCreate,
  matterList,
  matterShow,
  savedAdd,
  savedList,
  savedDiscard,
  holdPlace,
  holdList,
  holdRelease,
  retentionSet,
  retentionShow,
  disposeCommand,
  exportCommand,
  verifyCommand,
  doctorCommand,
  proofCommand,
  checkpointCommand,
  backupCommand,
  restoreCommand,
  rebuildCommand,
  bucketsCreate,
  serveCommand,
  tokenRotate,
];
