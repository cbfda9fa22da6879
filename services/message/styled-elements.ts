/** Longer ones, and those with comments or escapes, are taken as dividing, unread. */
const STYLE_MAX = 2000;
const UNREAD = /\\|\/\*/u;
const DIVIDING = /(?:^|[;\s])display\s*:\s*(?:inline-)?(?:block|flex|grid|table|list-item|flow-root)/iu;

const INLINE_BLOCK = /(?:^|[;\s])display\s*:\s*inline-/iu;
/** What keeps words from being seen where they stand, or at all. */
const HIDING =
  /display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|(?:^|[;\s{])(?:opacity|font-size|(?:max-)?(?:width|height))\s*:\s*0(?![\d.]*[1-9])|mso-hide\s*:\s*all|position\s*:\s*(?:absolute|fixed)|color\s*:\s*transparent|unicode-bidi/iu;

/** A block, one that may stand within a line, and an element whose words are not seen. */
export type StyleKind = 'block' | 'inline-block' | 'hidden';

interface StyledElement {
  readonly kind: StyleKind;
  /** How many elements of its name are open inside it. */
  inside: number;
}

/** Whether a style, or a style sheet, hides something. */
export function hides(style: string): boolean {
  return HIDING.test(style);
}

/** The open elements whose own style makes them blocks or hides them, by name: their ends matter as their beginnings do. */
export class StyledElements {
  readonly #open = new Map<string, StyledElement[]>();

  open(tag: string): void {
    const last = this.#open.get(tag)?.at(-1);
    if (last !== undefined) last.inside++;
  }

  /** What its style makes of the element just opened. */
  style(tag: string, style: string): StyleKind | undefined {
    const kind = kindOf(style);
    if (kind !== undefined) this.mark(tag, kind);
    return kind;
  }

  mark(tag: string, kind: StyleKind): void {
    const open = this.#open.get(tag) ?? [];
    const last = open.at(-1);
    // `open` counted it as one inside another.
    if (last !== undefined) last.inside--;
    open.push({ kind, inside: 0 });
    this.#open.set(tag, open);
  }

  /** What the element that ends here was. */
  close(tag: string): StyleKind | undefined {
    const open = this.#open.get(tag);
    const last = open?.at(-1);
    if (open === undefined || last === undefined) return undefined;
    if (last.inside-- > 0) return undefined;
    open.pop();
    return last.kind;
  }
}

function kindOf(style: string): StyleKind | undefined {
  if (style.length > STYLE_MAX || UNREAD.test(style)) return 'inline-block';
  if (hides(style)) return 'hidden';
  if (!DIVIDING.test(style)) return undefined;
  return INLINE_BLOCK.test(style) ? 'inline-block' : 'block';
}
