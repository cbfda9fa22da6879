/**
 * Messages below this size are stored as they are: making a compressor takes longer than all else that is done to store
 * them, and saves little.
 */
export const compressedFromBytes = 1536;
