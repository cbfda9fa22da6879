// PKWARE APPNOTE 4.3: the records of an archive, little-endian, and the general purpose flag whose bit 0 says "encrypted".
const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_RECORD = Buffer.from('PK\u0005\u0006', 'latin1');
const LOCAL = { flags: 6, length: 30 };
const CENTRAL = { flags: 8, lengths: [28, 30, 32], length: 46 };
const END = { directoryOffset: 16, length: 22 };

/** Whether the first member of a ZIP archive, or any that its directory names, is encrypted. False for what is no archive. */
export function hasEncryptedMember(zip: Buffer): boolean {
  if (zip.length < LOCAL.length || zip.readUInt32LE(0) !== LOCAL_HEADER) return false;
  return isEncrypted(zip.readUInt16LE(LOCAL.flags)) || directoryNamesEncrypted(zip);
}

function directoryNamesEncrypted(zip: Buffer): boolean {
  const end = zip.lastIndexOf(END_RECORD);
  if (end < 0 || end + END.length > zip.length) return false;
  let at = zip.readUInt32LE(end + END.directoryOffset);
  while (at + CENTRAL.length <= zip.length && zip.readUInt32LE(at) === CENTRAL_HEADER) {
    if (isEncrypted(zip.readUInt16LE(at + CENTRAL.flags))) return true;
    const [name, extra, comment] = CENTRAL.lengths.map((offset) => zip.readUInt16LE(at + offset));
    at += CENTRAL.length + (name ?? 0) + (extra ?? 0) + (comment ?? 0);
  }
  return false;
}

function isEncrypted(flags: number): boolean {
  return (flags & 1) === 1;
}
