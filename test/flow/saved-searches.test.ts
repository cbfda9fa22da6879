import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeSampleMail } from '../../scripts/sample-mail/index.ts';
import { describeProfile, onServers, placeArchive, type PlacedArchive, type Profile } from '../profiles.ts';

const inFolder: Profile = {
  name: 'a folder alone',
  needs: [],
  archive: 'folder',
  search: 'embedded',
  queue: 'in-process',
};
const timeoutMs = 300_000;
const matter = 'Sallow Ferry';

/** The catalog goes: what is listed afterwards comes from the ledger alone. */
async function loseCatalog({ env, program }: PlacedArchive, archive: Profile['archive']): Promise<void> {
  const state = archive === 's3' ? (env['STATE_DIR'] ?? '') : join(program.archive, 'derived');
  await rm(state, { recursive: true });
}

for (const profile of [inFolder, onServers]) {
  describeProfile(profile, () => {
    describe(`saved searches in ${profile.name}`, () => {
      let placed: PlacedArchive;

      beforeAll(async () => {
        placed = await placeArchive(profile);
        const { program } = placed;
        await writeSampleMail(program.path('mail'));
        await program.ok('import', program.path('mail'));
        await program.ok('matter', 'create', matter);
      }, timeoutMs);
      afterAll(async () => placed[Symbol.asyncDispose]());

      test(
        'are saved, asked by name, replaced and discarded, and come back from the ledger (invariant 23)',
        async () => {
          const { program } = placed;
          const counted = async (...words: string[]) => {
            const { json, stderr } = await program.ok('search', ...words, '--count');
            return { total: json[0]?.['total'], set: json[0]?.['set'], stderr };
          };
          const byName = ['--saved', 'herons', '--matter', matter];
          await program.ok('saved', 'add', matter, 'herons', 'heron OR bridge');
          await program.ok('saved', 'add', matter, 'drawings', '"VF-2217"');
          const asked = await counted(...byName);
          expect(asked).toMatchObject({ total: 47, stderr: expect.stringContaining('Asked: heron OR bridge\n') });
          expect(asked.set).toEqual((await counted('heron OR bridge')).set);
          const { json: hits } = await program.ok('search', ...byName, '--limit', '3', '--sort', 'relevance');
          expect(hits).toHaveLength(3);
          expect((await program.ok('search', ...byName, '--facets', 'year')).json.length).toBeGreaterThan(0);

          const refused = await program.run('saved', 'add', matter, 'herons', '"blue heron"');
          expect(refused).toMatchObject({ code: 2, json: [{ error: 'saved-search-exists' }] });
          await program.ok('saved', 'add', matter, 'herons', '"blue heron"', '--replace');
          expect(await counted(...byName)).toMatchObject({ total: 5 });
          await program.ok('saved', 'discard', matter, 'drawings');
          const gone = await program.run('search', '--saved', 'drawings', '--matter', matter);
          expect(gone).toMatchObject({ code: 2, json: [{ error: 'no-such-saved-search' }] });

          const searches = (await program.ok('searches', '--limit', '5')).json;
          expect(searches.map(({ query }) => query)).toEqual([
            '"blue heron"',
            ...Array.from({ length: 4 }, () => 'heron OR bridge'),
          ]);
          const repeated = await program.ok('search', '--repeat', String(searches[0]?.['search']));
          expect(repeated.json).toMatchObject([{ result: 'same', query: '"blue heron"' }]);

          const before = (await program.ok('saved', 'list', matter)).json;
          expect(before).toMatchObject([{ name: 'herons', query: '"blue heron"', savedBy: 'cli' }]);
          await loseCatalog(placed, profile.archive);
          expect((await program.ok('saved', 'list', matter)).json).toEqual(before);
          expect(await counted(...byName)).toMatchObject({ total: 5 });
          expect((await program.ok('verify')).json).toEqual([expect.objectContaining({ findings: 0 })]);
        },
        timeoutMs,
      );

      test.each([
        ['a query beside --saved', ['heron', '--saved', 'herons', '--matter', matter], 'takes no query'],
        ['--saved without a matter', ['--saved', 'herons'], 'belong together'],
        ['--matter without --saved', ['heron', '--matter', matter], 'belong together'],
        ['an earlier search beside --saved', ['--repeat', '7', '--saved', 'herons', '--matter', matter], '--repeat'],
        ['nothing to ask', ['--count'], 'a query is missing'],
      ])('%s is used wrongly, and said so', async (_what, words, message) => {
        const { code, stderr } = await placed.program.run('search', ...words);
        expect([code, stderr]).toEqual([64, expect.stringContaining(message)]);
      });

      test('what does not parse is refused as a search is, with the place that is wrong', async () => {
        const { program } = placed;
        const [saving, searching] = [
          await program.run('saved', 'add', matter, 'wrong', '(heron'),
          await program.run('search', '(heron'),
        ];
        expect(saving).toMatchObject({ code: 2, json: [{ error: 'query-invalid' }] });
        expect(saving.json).toEqual(searching.json);
      });
    });
  });
}
