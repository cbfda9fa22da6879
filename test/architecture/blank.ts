/** Where a `/` begins a regular expression and not a division: after an operator, an opening bracket or a keyword. */
const BEFORE_REGEX = /(?:^|[(,=:[!&|?{};+<>~^%*-]|\b(?:return|typeof|case|of|in|void|await|yield))\s*$/u;
const REGEX = /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/uy;
const STRING = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[^]|[^`\\])*`/uy;
const COMMENT = /\/\/[^\n]*|\/\*[^]*?\*\//uy;

function spaces(text: string): string {
  return text.replaceAll(/[^\n]/gu, ' ');
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** The text with every comment replaced by as many spaces. */
export function blankComments(text: string): string {
  let out = '';
  for (let at = 0; at < text.length;) {
    const kept = tokenAt(text, at, out);
    const comment = kept === undefined ? matchAt(COMMENT, text, at) : undefined;
    const taken = kept ?? comment ?? text.charAt(at);
    out += comment === undefined ? taken : spaces(comment);
    at += taken.length;
  }
  return out;
}

/** A string or a regular expression that begins here: what looks like a comment inside it is none. */
function tokenAt(text: string, at: number, before: string): string | undefined {
  const string = matchAt(STRING, text, at);
  if (string !== undefined) return string;
  return text[at] === '/' && BEFORE_REGEX.test(before.slice(-40)) ? matchAt(REGEX, text, at) : undefined;
}

/** The text with what stands in single or double quotes replaced by spaces; templates stay, for they hold code. */
export function blankStrings(code: string): string {
  return code.replaceAll(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/gu, (string) => {
    return `${string.charAt(0)}${' '.repeat(Math.max(0, string.length - 2))}${string.charAt(0)}`;
  });
}
