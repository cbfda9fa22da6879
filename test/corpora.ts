import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createZstdDecompress } from 'node:zlib';

/** The archives of real mail that tests may read, where they are present. None of their bytes is part of the project. */
export const corpusNames = [
  'attachments',
  'demo-small',
  'enron-edrm',
  'enron-maildir',
  'lists-modern',
  'protocols-and-formats',
  'torture',
] as const;
export type CorpusName = (typeof corpusNames)[number];

/** CORPORA_DIR, or `shared/corpora` in the folder beside the checkout. */
export function corporaFolder(): string {
  const named = process.env['CORPORA_DIR'];
  return named ? resolve(named) : fileURLToPath(new URL('../../shared/corpora', import.meta.url));
}

export function archiveOf(name: CorpusName): string {
  return join(corporaFolder(), `${name}.tar.zst`);
}

/**
 * The unpacked corpus, or undefined where its archive is absent. Unpacked once per archive into the system's temporary
 * folder, shared by all processes: never change anything in it.
 */
export async function corpus(name: CorpusName): Promise<string | undefined> {
  const archive = archiveOf(name);
  if (!existsSync(archive)) return undefined;
  const { mtimeMs, size } = statSync(archive);
  const folder = join(tmpdir(), `muniment-corpus-${name}-${Math.trunc(mtimeMs)}-${size}`);
  if (existsSync(folder)) return folder;
  const fresh = await mkdtemp(join(tmpdir(), `muniment-unpacking-${name}-`));
  try {
    await unpack(archive, fresh);
    await rename(fresh, folder);
  } catch (thrown) {
    await rm(fresh, { recursive: true, force: true });
    // Another process was faster: its folder is as good as ours.
    if (!existsSync(folder)) throw thrown;
  }
  return folder;
}

async function unpack(archive: string, folder: string): Promise<void> {
  const tar = spawn('tar', ['--no-same-owner', '-x', '-f', '-', '-C', folder], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  // Tar may be gone, content, before it has taken the padding at the end: only what tar says counts.
  const feeding = pipeline(createReadStream(archive), createZstdDecompress(), tar.stdin).catch(
    (thrown: unknown) => thrown,
  );
  const [code] = await once(tar, 'exit');
  if (code !== 0) throw new Error(`tar could not unpack ${archive}`, { cause: await feeding });
}
