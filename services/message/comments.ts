/** What its comments say, with one space between them. */
export function commentsIn(text: string): string {
  let depth = 0;
  let out = '';
  for (const character of text) {
    if (character === ')' && depth > 0) depth--;
    if (depth > 0) out += character;
    if (character !== '(') continue;
    depth++;
    if (depth === 1 && out !== '') out += ' ';
  }
  return out;
}

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
