/** Longer ones, and those with comments or escapes, are taken as dividing, unread. */
const STYLE_MAX = 20_000;
const UNREAD = /\\|\/\*/u;
const DIVIDING = /(?:^|[;\s])display\s*:\s*(?:inline-)?(?:block|flex|grid|table|list-item|flow-root)/iu;
const INLINE_BLOCK = /(?:^|[;\s])display\s*:\s*inline-/iu;
const INLINE = /(?:^|[;\s])display\s*:\s*(?:inline|contents)(?![\w-])/iu;
const RAISED = /(?:^|[;\s])(?:vertical-align\s*:\s*(?:super|sub)|position\s*:\s*relative|mso-text-raise)/iu;
/** What takes letters away from the one before or behind. */
const APART =
  /(?:^|[;\s])(?:float\s*:\s*(?:left|right)|(?:left|right|(?:margin|padding|border)(?:-(?:left|right))?)\s*:[^;]{0,60}[1-9])/iu;
/** Letters below two pixels. */
const TINY =
  /(?<![\w-])(?:font-size\s*:\s*|font\s*:[^;{}]{0,60}(?<![\w.]))0{0,9}(?:[01]?(?:\.\d{0,20})?(?:px|pt)|(?:0?\.[01]\d{0,20})(?:r?em)|\d(?:\.\d{0,20})?%)/iu;
/** What keeps words from being seen where they stand, or at all. */
const HIDING =
  /display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|(?:^|[;\s{])(?:opacity|font-size|(?:max-)?(?:width|height))\s*:\s*0(?![\d.]*[1-9])|mso-hide\s*:\s*all|position\s*:\s*(?:absolute|fixed)|color\s*:\s*transparent/iu;
const OVERRIDING = /unicode-bidi\s*:\s*(?:bidi|isolate)-override/iu;
const EMBEDDING = /url\([\s"']{0,20}data:/iu;

/**
 * What an element's style makes of it: a block, one that may stand within a line, and an element whose words are not seen, that
 * is in the line, stands apart from its neighbours, or may be a note to the word before.
 */
export type StyleKind = 'block' | 'inline-block' | 'hidden' | 'inline' | 'apart' | 'raised';

export function styleKind(style: string): StyleKind | undefined {
  if (style.length > STYLE_MAX || UNREAD.test(style)) return 'inline-block';
  if (hides(style)) return 'hidden';
  if (DIVIDING.test(style)) return INLINE_BLOCK.test(style) ? 'inline-block' : 'block';
  if (INLINE.test(style)) return 'inline';
  if (APART.test(style)) return 'apart';
  return RAISED.test(style) ? 'raised' : undefined;
}

/** Whether a style, or a style sheet, hides something. */
export function hides(style: string): boolean {
  return HIDING.test(style) || TINY.test(style);
}

/** Properties that take no letters of a block away. */
const HARMLESS =
  /^(?:(?:background|border|margin|padding|font|text|list-style|mso|table|border|-webkit-text|-ms-text|word|line)(?:-[a-z-]{1,40})?|color|width|height|max-width|min-width|min-height|vertical-align|direction|white-space|letter-spacing|page-break-[a-z]{1,20}|tab-stops|layout-grid-mode|orphans|widows|cursor|outline|caption-side|empty-cells|-ms-interpolation-mode)$/iu;

/** Whether a block with this style may be unseen: it says so, or something that we do not know. */
export function mayHide(style: string): boolean {
  if (style.length > STYLE_MAX || UNREAD.test(style) || hides(style)) return true;
  return style.split(';').some((declaration) => {
    const name = (declaration.split(':', 1)[0] ?? '').trim();
    return name !== '' && !HARMLESS.test(name);
  });
}

/** Whether it shows a picture, or a style sheet, that it contains itself. */
export function embeds(style: string): boolean {
  return EMBEDDING.test(style);
}

/** Whether letters are seen in another order, or words that stand in no text. */
export function saysOtherwise(style: string): boolean {
  const read = style.includes('/*') ? style.replace(COMMENT, '') : style;
  return OVERRIDING.test(read) || saysWords(read);
}

const COMMENT = /\/\*[^]*?(?:\*\/|$)/gu;
const CONTENT = /(?:^|[;\s{])content\s*:((?:[^;}"']|"[^"]*"?|'[^']*'?){0,200})/giu;
const STRING = /"[^"]*"?|'[^']*'?/gu;
/** CSS Syntax §4.3.7. */
const ESCAPE = /\\([0-9a-f]{1,6})\s?/giu;

/** Whether `content:` gives a string with letters. */
function saysWords(style: string): boolean {
  for (const [, value = ''] of style.matchAll(CONTENT)) {
    for (const [string] of value.matchAll(STRING)) if (/[\p{L}\p{N}]/u.test(unescaped(string))) return true;
  }
  return false;
}

function unescaped(string: string): string {
  return string.replace(ESCAPE, (_, hex: string) => {
    const codePoint = Number.parseInt(hex, 16);
    return codePoint > 0x10_ffff ? ' ' : String.fromCodePoint(codePoint);
  });
}
