import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { SearchDocument } from './search-document.ts';
import { SearchFault } from './search-fault.ts';

/** Below this a frame saves less than it costs: making a compressor, and another one to read it, takes longer than indexing. */
const plainBytesMax = 2048;
const fastest = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
/** What JSON begins with; a zstd frame begins with 0x28. */
const BRACE = 0x7b;

/** A column from this length on is written as it stands: `JSON.stringify` would hold it twice more. */
const longUnitsMin = 1024 * 1024;

/** JSON; in a zstd frame where it is long. Pure: a worker thread can do it. */
export function encodeDocument(document: SearchDocument): Uint8Array {
  const json = jsonOf(document);
  return json.length <= plainBytesMax ? json : zstdCompressSync(json, fastest);
}

function jsonOf(document: SearchDocument): Buffer {
  if (!Object.values(document.columns).some(isWrittenPlain)) return Buffer.from(JSON.stringify(document));
  const pieces = Object.entries(document.columns).flatMap(([name, text], index) => [
    `${index === 0 ? '{"columns":{' : ','}"${name}":`,
    ...(isWrittenPlain(text) ? ['"', text, '"'] : [JSON.stringify(text)]),
  ]);
  const { named, marks, display } = document;
  const rest = [`},"named":${JSON.stringify(named)}`, `,"marks":${JSON.stringify(marks)}`];
  return written([...pieces, ...rest, `,"display":${JSON.stringify(display)}}`]);
}

/** Tokens are letters, marks, digits and spaces: nothing of them is escaped in JSON. */
function isWrittenPlain(text: string): boolean {
  return text.length >= longUnitsMin && text.isWellFormed() && !/["\\\p{Cc}]/u.test(text);
}

function written(pieces: readonly string[]): Buffer {
  const bytes = Buffer.allocUnsafe(pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0));
  let at = 0;
  for (const piece of pieces) at += bytes.write(piece, at);
  return bytes;
}

/** @throws SearchFault `index-damaged` when the bytes are not what `encodeDocument` gave */
export function decodeDocument(encoded: Uint8Array): SearchDocument {
  try {
    const json =
      encoded[0] === BRACE
        ? Buffer.from(encoded.buffer, encoded.byteOffset, encoded.length)
        : zstdDecompressSync(encoded);
    return JSON.parse(json.toString());
  } catch (cause) {
    throw new SearchFault('index-damaged', 'a document in the search index cannot be read', {
      remedy: 'Rebuild the search index.',
      cause,
    });
  }
}
