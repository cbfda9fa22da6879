import iconv from 'iconv-lite';

export type Charset =
  | 'us-ascii'
  | 'utf-8'
  | 'iso-2022-jp'
  | 'shift_jis'
  | 'gb18030'
  | 'koi8-r'
  | 'windows-1256'
  | 'windows-1252'
  | 'iso-8859-2'
  | 'iso-8859-7';

export function encodeText(text: string, charset: Charset): Buffer {
  if (charset === 'iso-2022-jp') return encodeIso2022Jp(text);
  return iconv.encode(text, charset);
}

/** RFC 1468: JIS X 0208 between escapes; EUC-JP is the same table with the high bit set. */
function encodeIso2022Jp(text: string): Buffer {
  const out: number[] = [];
  let wide = false;
  for (const byte of iconv.encode(text, 'euc-jp')) {
    if (byte >= 0x80 !== wide) {
      wide = byte >= 0x80;
      out.push(0x1b, ...(wide ? [0x24, 0x42] : [0x28, 0x42]));
    }
    out.push(byte & 0x7f);
  }
  if (wide) out.push(0x1b, 0x28, 0x42);
  return Buffer.from(out);
}
