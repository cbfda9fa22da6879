/** Text without its comments; they nest (RFC 5322 §3.2.2). */
export function withoutComments(text: string): string {
  if (!text.includes('(')) return text;
  let depth = 0;
  let out = '';
  for (const character of text) {
    if (character === '(') depth++;
    else if (character === ')' && depth > 0) depth--;
    else if (depth === 0) out += character;
  }
  return out;
}
