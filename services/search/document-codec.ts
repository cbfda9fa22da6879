import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { SearchDocument } from './search-document.ts';
import { SearchFault } from './search-fault.ts';

/** One zstd frame of JSON. Pure: a worker thread can do it. */
export function encodeDocument(document: SearchDocument): Uint8Array {
  return zstdCompressSync(Buffer.from(JSON.stringify(document)));
}

/** @throws SearchFault `index-damaged` when the bytes are not what `encodeDocument` gave */
export function decodeDocument(encoded: Uint8Array): SearchDocument {
  try {
    return JSON.parse(zstdDecompressSync(encoded).toString());
  } catch (cause) {
    throw new SearchFault('index-damaged', 'a document in the search index cannot be read', {
      remedy: 'Rebuild the search index.',
      cause,
    });
  }
}
