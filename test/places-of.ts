import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { FRAME_MAGIC, PREFIX_BYTES } from '../services/archive/adapters/filesystem/segment-format.ts';

/**
 * Where below a folder any of the fragments is found: in the bytes of every file and in their names, in what segments,
 * sidecars and SQLite tables hold compressed. The proof that something is gone; it knows more than a thief would try.
 */
export function placesOf(fragments: readonly string[], folder: string): string[] {
  return filesBelow(folder).filter((file) => {
    const views = [Buffer.from(file), ...viewsOf(file)];
    return views.some((view) => fragments.some((fragment) => view.includes(fragment)));
  });
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

function viewsOf(file: string): Buffer[] {
  const bytes = readFileSync(file);
  if (file.endsWith('.seg')) return [bytes, ...payloadsOf(bytes)];
  if (bytes.subarray(0, 15).toString('latin1') === 'SQLite format 3') return [bytes, ...valuesOf(file)];
  return [bytes, ...expanded(bytes)];
}

/** What every frame of a segment holds, whether anything still refers to it or not. */
function payloadsOf(segment: Buffer): Buffer[] {
  const payloads: Buffer[] = [];
  for (let at = segment.indexOf(FRAME_MAGIC); at >= 0; at = segment.indexOf(FRAME_MAGIC, at + 1)) {
    if (at + PREFIX_BYTES > segment.length) break;
    const begin = at + PREFIX_BYTES + segment.readUInt16LE(at + 6);
    payloads.push(...expanded(segment.subarray(begin, begin + segment.readUInt32LE(at + 8))));
  }
  return payloads;
}

/** Every value of every table, as it is and decompressed. */
function valuesOf(file: string): Buffer[] {
  using database = new DatabaseSync(file, { readOnly: true });
  const tables = database.prepare(`select name from sqlite_schema where type = 'table' and rootpage > 0`).all();
  const rows = tables.flatMap(({ name }) => database.prepare(`select * from "${String(name)}"`).all());
  return rows.flatMap((row) =>
    Object.values(row).flatMap((value) => {
      const bytes = value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value));
      return [bytes, ...expanded(bytes)];
    }),
  );
}

function expanded(bytes: Buffer): Buffer[] {
  return [zstdDecompressSync, gunzipSync].flatMap((expand) => {
    try {
      return [expand(bytes)];
    } catch {
      return [];
    }
  });
}
