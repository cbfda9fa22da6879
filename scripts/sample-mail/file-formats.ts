import { crc32 } from 'node:zlib';

/**
 * Small files of well-known formats, written without compression, so that their bytes never depend on the version of a
 * compressor.
 */

/** A PDF 1.4 of one page with lines of text in Helvetica. ASCII only. */
export function pdf(lines: readonly string[]): Buffer {
  const escaped = lines.map((line) => line.replaceAll(/[\\()]/gu, (character) => `\\${character}`));
  const stream = `BT /F1 11 Tf 15 TL 56 780 Td\n${escaped.map((line) => `(${line}) Tj T*`).join('\n')}\nET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let out = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = out.length;
    out += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const start = out.length;
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  out += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}`;
  out += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(out, 'latin1');
}

function adler32(bytes: Buffer): number {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return ((b << 16) | a) >>> 0;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** RFC 1950 and 1951 with one stored block: at most 65,535 bytes. */
function storedZlib(bytes: Buffer): Buffer {
  const header = Buffer.from([0x78, 0x01, 0x01, 0, 0, 0, 0]);
  header.writeUInt16LE(bytes.length, 3);
  header.writeUInt16LE(bytes.length ^ 0xffff, 5);
  return Buffer.concat([header, bytes, uint32(adler32(bytes))]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  return Buffer.concat([uint32(data.length), body, uint32(crc32(body))]);
}

/** A grey PNG; `shade(x, y)` is 0 (black) to 255. */
export function png(width: number, height: number, shade: (x: number, y: number) => number): Buffer {
  const rows = Array.from({ length: height }, (_, y) =>
    Buffer.from([0, ...Array.from({ length: width }, (_unused, x) => shade(x, y))]),
  );
  const header = Buffer.concat([uint32(width), uint32(height), Buffer.from([8, 0, 0, 0, 0])]);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', header),
    pngChunk('IDAT', storedZlib(Buffer.concat(rows))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** 2023-11-06 in the DOS date format of zip. */
const ZIP_DATE = ((2023 - 1980) << 9) | (11 << 5) | 6;

function zipHeader(signature: number, central: boolean, name: Buffer, bytes: Buffer, offset: number): Buffer {
  const fixed = Buffer.alloc(central ? 46 : 30);
  fixed.writeUInt32LE(signature, 0);
  const at = central ? 6 : 4;
  if (central) fixed.writeUInt16LE(20, 4);
  fixed.writeUInt16LE(20, at);
  fixed.writeUInt16LE(ZIP_DATE, at + 8);
  fixed.writeUInt32LE(crc32(bytes), at + 10);
  fixed.writeUInt32LE(bytes.length, at + 14);
  fixed.writeUInt32LE(bytes.length, at + 18);
  fixed.writeUInt16LE(name.length, at + 22);
  if (central) fixed.writeUInt32LE(offset, 42);
  return Buffer.concat([fixed, name]);
}

/** A zip of stored entries. */
export function zip(entries: readonly { readonly name: string; readonly bytes: Buffer }[]): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes } of entries) {
    const nameBytes = Buffer.from(name, 'latin1');
    const entry = Buffer.concat([zipHeader(0x04034b50, false, nameBytes, bytes, 0), bytes]);
    central.push(zipHeader(0x02014b50, true, nameBytes, bytes, offset));
    local.push(entry);
    offset += entry.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}
