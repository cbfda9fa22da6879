import { describe, test } from '@jest/globals';
import fc from 'fast-check';
import { ParsingPool } from '#ingest';
import { FolderMedium, type Medium, MemoryMedium } from '../gated-archive.ts';
import { checkEnd, type Command, commands, Real } from '../preservation-commands.ts';
import { PreservationModel } from '../preservation-model.ts';
import { seeds } from '../soak.ts';
import { TemporaryFolder } from '../whole-archive.ts';

async function run(medium: Medium, pool: ParsingPool, script: Iterable<Command>) {
  const [model, real] = [new PreservationModel(), await Real.open(medium, pool)];
  await fc.asyncModelRun(() => ({ model, real }), script);
  await checkEnd(model, real);
}

const script = fc.commands(commands, { size: 'max', maxCommands: 15 });

describe('whatever is captured, held, retained, disposed of and interrupted (invariants 6, 7, 8, 13, 14, 15, 17)', () => {
  test('an archive in memory keeps what it must, and destroys what it may', async () => {
    await using pool = new ParsingPool(1);
    const property = fc.asyncProperty(script, async (given) => {
      await using medium = new MemoryMedium();
      await run(medium, pool, given);
    });
    await fc.assert(property, { seed: 20_261_123, numRuns: seeds(200, 5000) });
  });

  test('an archive in a folder does', async () => {
    await using pool = new ParsingPool(1);
    const property = fc.asyncProperty(script, async (given) => {
      await using folder = await TemporaryFolder.make();
      await using medium = new FolderMedium(folder.path);
      await run(medium, pool, given);
    });
    await fc.assert(property, { seed: 20_261_123, numRuns: seeds(25, 600) });
  });
});
