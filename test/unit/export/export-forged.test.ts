import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { appendFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeVariant } from '../../describe-variant.ts';
import { signerNamed } from '../../sample-ledger.ts';
import { publicKeyFile } from '../../../services/export/public-key.ts';
import { mail, openArchive, type TestArchive } from './export-archive.ts';
import { commandsOf, filesIn, linesOf, run, temporaryFolder } from './export-files.ts';

const steps = {
  'who says so': ['1. WHO SAYS SO', 'Signature Verified Successfully\n'],
  complete: ['2. IS EVERYTHING HERE', 'complete\n'],
  'nothing else': ['3. IS NOTHING ELSE HERE', 'nothing else\n'],
  checkpoint: ['4. WHAT WAS IN THE LEDGER', 'Signature Verified Successfully\n'],
  proved: ['5. WAS EACH MESSAGE', 'proved\n'],
} as const;
type Step = keyof typeof steps;

/** The steps that do not accept an export, each by the commands of the honest README.txt. */
async function refusals(folder: string, honest: string): Promise<string[]> {
  const refused: string[] = [];
  for (const [step, [heading, output]] of Object.entries(steps)) {
    const answer = run(folder, await commandsOf(honest, heading));
    if (answer.status !== 0 || answer.output !== output) refused.push(step);
  }
  return refused;
}

async function edit(folder: string, name: string, change: (text: string) => string): Promise<void> {
  const text = await readFile(join(folder, name), 'latin1');
  expect(change(text)).not.toBe(text);
  await writeFile(join(folder, name), change(text), 'latin1');
}

/** What a forger does last: sums that fit. */
async function sumAnew(folder: string): Promise<void> {
  const files = [...(await filesIn(folder))].filter(([name]) => !name.startsWith('SHA256SUMS'));
  const lines = files.map(([name, bytes]) => `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`);
  await writeFile(join(folder, 'SHA256SUMS'), lines.join(''));
}

const withoutLast = (text: string) => text.replace(/[^\n]*\n$/u, '');

async function changeMessage(folder: string): Promise<void> {
  const [line] = await linesOf(join(folder, 'manifest.jsonl'));
  await edit(folder, String(line?.['path']), (text) => text.replace('Hello', 'Jello'));
}

async function dropLast(folder: string): Promise<void> {
  const last = (await linesOf(join(folder, 'manifest.jsonl'))).at(-1);
  if (last?.['offset'] === undefined) await rm(join(folder, String(last?.['path'])));
  else await edit(folder, 'messages.mbox', (text) => text.slice(0, text.lastIndexOf('\nFrom ') + 1));
  await rm(join(folder, String(last?.['proof'])));
  await edit(folder, 'manifest.jsonl', withoutLast);
  await edit(folder, 'entries.jsonl', withoutLast);
}

const inManifest = (from: string, to: string) => (folder: string) =>
  edit(folder, 'manifest.jsonl', (text) => text.replace(from, to));

async function signAnew(folder: string): Promise<void> {
  const signature = await signerNamed('forger').sign(await readFile(join(folder, 'SHA256SUMS')));
  await writeFile(join(folder, 'SHA256SUMS.sig'), signature);
}

async function exchangeKey(folder: string): Promise<void> {
  await writeFile(join(folder, 'public-key.txt'), publicKeyFile('example.org', signerNamed('forger').publicKey));
}

type Forgery = (folder: string) => Promise<void>;
const then =
  (...parts: readonly Forgery[]): Forgery =>
  async (folder) => {
    for (const part of parts) await part(folder);
  };

/** What is done to an export, and by which steps that is found. */
const forgeries: readonly (readonly [string, Forgery, readonly Step[]])[] = [
  ['a message is changed', changeMessage, ['complete', 'proved']],
  ['a message is changed and the sums fit', then(changeMessage, sumAnew), ['who says so', 'proved']],
  [
    'a message is changed and all is signed by another key',
    then(changeMessage, sumAnew, signAnew),
    ['who says so', 'proved'],
  ],
  [
    'a message is changed and all is signed by another key, which is there',
    then(changeMessage, exchangeKey, sumAnew, signAnew),
    ['checkpoint', 'proved'],
  ],
  ['the last message is dropped with its lines', then(dropLast, sumAnew), ['who says so']],
  ['a custodian is exchanged', then(inManifest('"ada"', '"eve"'), sumAnew), ['who says so']],
  ['a size is changed', then(inManifest('"size":1', '"size":2'), sumAnew), ['who says so', 'proved']],
  ['a generation is changed', then(inManifest('"generation":1', '"generation":2'), sumAnew), ['who says so', 'proved']],
  [
    'a time of capture is changed',
    then(inManifest('"capturedAt":"2026', '"capturedAt":"2025'), sumAnew),
    ['who says so', 'proved'],
  ],
  [
    'an entry is changed',
    then((folder) => edit(folder, 'entries.jsonl', (text) => text.replace('"policy":', '"policy":1')), sumAnew),
    ['who says so', 'proved'],
  ],
  [
    'the checkpoint is changed',
    then((folder) => edit(folder, 'checkpoint.txt', (text) => text.replace(/^\d+$/mu, '7')), sumAnew),
    ['who says so', 'checkpoint', 'proved'],
  ],
  ['a file is added', (folder) => writeFile(join(folder, 'extra.eml'), 'x'), ['nothing else']],
  ['a hidden file is added', (folder) => writeFile(join(folder, 'proofs', '.extra'), 'x'), ['nothing else']],
  [
    'a file is added whose name reads like two that are listed',
    async (folder) => {
      await mkdir(join(folder, 'README.txt\n.'));
      await writeFile(join(folder, 'README.txt\n.', 'README.txt'), 'x');
    },
    ['nothing else'],
  ],
  ['a file is added and listed', then((folder) => writeFile(join(folder, 'extra.eml'), 'x'), sumAnew), ['who says so']],
  ['the signature is cut', (folder) => writeFile(join(folder, 'SHA256SUMS.sig'), ''), ['who says so']],
  [
    'a line is added to the sums',
    (folder) => appendFile(join(folder, 'SHA256SUMS'), '\n'),
    ['who says so', 'nothing else'],
  ],
];

describeVariant('python3', 'an export that a stranger checks by the commands of its README.txt', () => {
  let archive: TestArchive;
  let place: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeAll(async () => {
    archive = await openArchive();
    place = await temporaryFolder();
    await archive.add(mail('first', 'Hello\r\nFrom here on\r\n>From quoted\r\n>>From twice', ''));
    await archive.add(Buffer.from([0, 255, 10, 13, 10, 0]));
    await archive.add(Buffer.from('From the first byte\n>From\n'));
    for (let number = 0; number < 6; number++) await archive.add(mail(`more ${number}`, `Text ${number}`));
    const asOf = archive.newest;
    for (const format of ['eml', 'mbox'] as const) {
      for (const out of [join(place.path, format), join(place.path, `${format}.zip`)]) {
        await archive.exporter.export({ selection: { all: true }, out, format, asOf }, 'test');
      }
      expect(run(place.path, `unzip -q ${format}.zip -d ${format}-unzipped`).status).toBe(0);
    }
  });

  afterAll(async () => {
    await archive[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  test.each(['eml', 'mbox', 'eml-unzipped', 'mbox-unzipped'])('is accepted as it is (%s)', async (name) => {
    const folder = join(place.path, name);
    expect(await refusals(folder, folder)).toEqual([]);
  });

  test.each(
    forgeries.flatMap(([what, ...rest]) => ['eml', 'mbox-unzipped'].map((name) => [what, name, ...rest] as const)),
  )('is refused when %s (invariant 21, %s)', async (_what, name, forge, expected) => {
    const [honest, forged] = [join(place.path, name), join(place.path, 'forged')];
    await cp(honest, forged, { recursive: true });
    try {
      await forge(forged);
      expect(await refusals(forged, honest)).toEqual(expected);
    } finally {
      await rm(forged, { recursive: true });
    }
  });
});
