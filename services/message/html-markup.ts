import { BLOCKS, REFERRING } from './html-elements.ts';
import type { StyleKind } from './styles.ts';
import type { TextLayout } from './text-layout.ts';

const CONDITIONAL = /^\[if[^\]]{0,200}\]>/iu;
/** How such a comment ends, and how one ends that hides only itself: `<!--[if !mso]><!-->`. */
const CONDITION_END = /<!(?:\[endif\])?(?:--)?$/iu;

/** What some programs show of a comment: `[if mso]>…<![endif]`. */
export function conditionalContent(comment: string): string | undefined {
  const condition = CONDITIONAL.exec(comment);
  return condition === null ? undefined : comment.slice(condition[0].length).replace(CONDITION_END, '');
}

const ZERO_WIDTH_SPACE = '\u200b';
/** What `&#0;` is decoded to. */
const REPLACEMENT = 0xfffd;

/** What a character reference stands for. */
export function entityText(codePoint: number): string {
  return codePoint === REPLACEMENT ? ZERO_WIDTH_SPACE : String.fromCodePoint(codePoint);
}

const DATA_URL = /^[\s\0]*data:/iu;
/** How much of an address says that it is one. */
const SOURCE_START = 40;

/** Whether an address is the file itself (RFC 2397). */
export function isDataUrl(address: string): boolean {
  return DATA_URL.test(address.slice(0, SOURCE_START).replace(/[\t\r\n]/gu, ''));
}

/** Where `<meta http-equiv=refresh>` leads. */
export function refreshed(content: string): string {
  return /url\s*=\s*["']?(.*)$/iu.exec(content)?.[1] ?? '';
}

/** Whether the content of an element that has none may be read as markup all the same. */
export function hasMarkup(content: string, tag = ''): boolean {
  return content.includes('<') || (content.includes('&') && !REFERRING.has(tag));
}

/** An element of this style begins or ends. */
export function beginStyled(kind: StyleKind | undefined, tag: string, out: TextLayout): void {
  if (kind === 'hidden') out.isCut ||= out.isInWord;
  else if (kind === 'block') out.newline();
  else if (kind === 'apart') out.seam();
  else if (kind === 'raised') out.divide();
  else if (kind !== undefined && BLOCKS.has(tag)) out.takeNoRoom();
  else if (kind === 'inline-block') out.breakWord();
}
