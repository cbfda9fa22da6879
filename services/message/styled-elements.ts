/** Longer ones, and those with comments or escapes, are taken as dividing, unread. */
const STYLE_MAX = 2000;
const UNREAD = /\\|\/\*/u;
const DIVIDING = /(?:^|[;\s])display\s*:\s*(?:inline-)?(?:block|flex|grid|table|list-item|flow-root)/iu;

/** The open elements whose own style makes them blocks, by name: their ends divide words as their beginnings do. */
export class StyledElements {
  /** For each open styled element, how many elements of its name are open inside it. */
  readonly #inside = new Map<string, number[]>();

  open(tag: string): void {
    const open = this.#inside.get(tag);
    if (open !== undefined && open.length > 0) open.push((open.pop() ?? 0) + 1);
  }

  /** Whether the style makes the element just opened a block. */
  style(tag: string, style: string): boolean {
    if (!divides(style)) return false;
    const open = this.#inside.get(tag) ?? [];
    // `open` counted it as one inside another.
    if (open.length > 0) open.push((open.pop() ?? 1) - 1);
    open.push(0);
    this.#inside.set(tag, open);
    return true;
  }

  /** Whether the element that ends here is one of them. */
  close(tag: string): boolean {
    const open = this.#inside.get(tag);
    const inside = open?.pop();
    if (open === undefined || inside === undefined) return false;
    if (inside === 0) return true;
    open.push(inside - 1);
    return false;
  }
}

function divides(style: string): boolean {
  return style.length > STYLE_MAX || UNREAD.test(style) || DIVIDING.test(style);
}
