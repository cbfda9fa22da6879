import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { SearchDocument } from './search-document.ts';
import { SearchFault } from './search-fault.ts';

/** Below this a frame saves less than it costs: making a compressor, and another one to read it, takes longer than indexing. */
const plainBytesMax = 2048;
const fastest = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
/** What JSON begins with; a zstd frame begins with 0x28. */
const BRACE = 0x7b;

/** JSON; in a zstd frame where it is long. Pure: a worker thread can do it. */
export function encodeDocument(document: SearchDocument): Uint8Array {
  const json = Buffer.from(JSON.stringify(document));
  return json.length <= plainBytesMax ? json : zstdCompressSync(json, fastest);
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
