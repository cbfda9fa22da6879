/** The bytes of a base64 text, or undefined where the text is not exactly what encoding those bytes gives (RFC 4648 §3.5). */
export function strictBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
