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
/** The same by numbers that are as good as nothing, by what lies outside of everything, by shapes, and by names. */
const UNSEEING =
  /(?<![\w-])(?:opacity\s*:\s*(?:-|0?\.0|\d*\.?\d*e-)|font\s*:[^;{}]{0,60}(?<![\w.#%])0(?:[a-z%]{1,3})?(?=[\s/])|zoom\s*:\s*0(?![\d.]*[1-9])|(?:-webkit-)?clip(?:-path)?\s*:(?!\s*(?:auto|none))|filter\s*:[^;{}]{0,60}opacity|(?:left|top|right|bottom|text-indent|margin(?:-left|-top)?)\s*:[^;{}]{0,40}-\d{3}|(?<!-)color\s*:\s*(?:(?:rgb|hsl)a?\([^)]{0,60}[,/]\s*0(?:\.0*)?%?\s*\)|#(?:[\da-f]{3}0|[\da-f]{6}00)(?![\da-f]))|display\s*:[^;{}]{0,20}var\()|scale[xy]?\(\s*0(?![\d.]*[1-9])/iu;
const OVERRIDING =
  /unicode-bidi\s*:\s*(?:bidi|isolate)-override|(?:scale|matrix|rotate)(?:[xyz]|3d)?\([^)]{0,80}-|scale\s*:[^;}]{0,20}-|rotate[xy3]/iu;
const EMBEDDING = /url\([\s"']{0,20}data:/iu;

/**
 * What an element's style makes of it: a block, one that may stand within a line, and an element whose words are not seen, that
 * is in the line, stands apart from its neighbours, or may be a note to the word before.
 */
export type StyleKind = 'block' | 'inline-block' | 'hidden' | 'inline' | 'apart' | 'raised';

export function styleKind(style: string): StyleKind | undefined {
  if (style.length > STYLE_MAX) return 'inline-block';
  if (hides(style)) return 'hidden';
  if (UNREAD.test(style)) return 'inline-block';
  if (DIVIDING.test(style)) return INLINE_BLOCK.test(style) ? 'inline-block' : 'block';
  if (INLINE.test(style)) return 'inline';
  if (APART.test(style)) return 'apart';
  return RAISED.test(style) ? 'raised' : undefined;
}

/** Whether a style, or a style sheet, hides something. */
export function hides(style: string): boolean {
  const read = plainStyle(style);
  return HIDING.test(read) || TINY.test(read);
}

/** Whether it may leave something unseen, in ways that few letters have. Letters in the colour of what is behind them are not looked for. */
export function mayLeaveUnseen(style: string): boolean {
  return hides(style) || UNSEEING.test(plainStyle(style));
}

/** Without comments and escapes. */
function plainStyle(style: string): string {
  const whole = style.includes('\\') ? unescaped(style) : style;
  return whole.includes('/*') ? whole.replace(COMMENT, '') : whole;
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

const REORDERING =
  /-reverse|direction\s*:\s*rtl|(?<![\w-])(?:order|transform|translate|rotate|writing-mode|grid-(?:area|column|row))(?:-start|-end)?\s*:/iu;

const FLOATING = /float\s*:\s*right/iu;

/** Whether elements beside each other, or their letters, may be seen in another order. */
export function reorders(style: string): boolean {
  return REORDERING.test(plainStyle(style));
}

export function floatsRight(style: string): boolean {
  return FLOATING.test(plainStyle(style));
}

const ADDRESS = /url\(\s{0,20}(?:"([^"]*)"|'([^']*)'|([^\s"')]+))|@import\s{1,20}(?:"([^"]*)"|'([^']*)')/giu;

/** What a style, or a style sheet, shows from elsewhere. */
export function* addressesIn(style: string): Generator<string> {
  for (const [, ...groups] of plainStyle(style).matchAll(ADDRESS)) yield groups.find((one) => one !== undefined) ?? '';
}

/** Whether it shows a picture, or a style sheet, that it contains itself. */
export function embeds(style: string): boolean {
  return EMBEDDING.test(style);
}

/** Whether letters are seen in another order, or words that stand in no text. */
export function saysOtherwise(style: string): boolean {
  const read = plainStyle(style);
  return OVERRIDING.test(read) || SAYING.test(read) || saysWords(style);
}

const COMMENT = /\/\*[^]*?(?:\*\/|$)/gu;
/** What shows attributes, counts in letters, or words without quotation marks; and sheets that nobody fetched, because they are here. */
const SAYING = /(?<![\w-])attr\(|@counter-style|@import[^;]{0,40}data:/iu;
/** CSS Syntax §4.3.4, §4.3.5. A comment contains no string, and a string no comment. */
const STRING = /\/\*[^]*?(?:\*\/|$)|"(?:[^"\\\n]|\\[^])*"?|'(?:[^'\\\n]|\\[^])*'?/gu;
/** CSS Syntax §4.3.7. */
const ESCAPE = /\\(?:([0-9a-f]{1,6})\s?|([^]))/giu;
/** How far before a string its property is looked for. */
const BEFORE_MAX = 200;
/** Names of fonts, files, languages and elements: no words on the screen. */
const UNSHOWN =
  /(?:^|[;{}\s])(?:font(?:-family|-feature-settings|-variation-settings)?|src|mso-[a-z-]{1,40}|filter|-ms-filter|grid-template-areas)\s*:[^;{}]*$|(?:url|format|local|lang|src=|progid:[^;{}]*)\(?\s*$|\[[^[\]{}]*$|@(?:charset|namespace|import)[^;{}]*$/iu;

/**
 * Whether a string in it has letters, whatever its property: `content`, `quotes`, `list-style`, `text-overflow` and all that is
 * still to come, by way of variables and escapes, but for names.
 */
function saysWords(style: string): boolean {
  if (!style.includes('"') && !style.includes("'")) return false;
  for (const { 0: string, index } of style.matchAll(STRING)) {
    if (string.startsWith('/*') || !/[\p{L}\p{N}]/u.test(unescaped(string))) continue;
    if (!UNSHOWN.test(style.slice(Math.max(0, index - BEFORE_MAX), index))) return true;
  }
  return false;
}

function unescaped(string: string): string {
  return string.replace(ESCAPE, (_, hex: string | undefined, character = '') => {
    if (hex === undefined) return character;
    const codePoint = Number.parseInt(hex, 16);
    return codePoint > 0x10_ffff ? ' ' : String.fromCodePoint(codePoint);
  });
}
