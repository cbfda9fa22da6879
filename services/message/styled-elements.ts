import { styleKind, type StyleKind } from './styles.ts';

interface StyledElement {
  readonly kind: StyleKind;
  /** How many elements of its name are open inside it. */
  inside: number;
}

/** The open elements whose own style matters, by name: their ends matter as their beginnings do. */
export class StyledElements {
  readonly #open = new Map<string, StyledElement[]>();

  open(tag: string): void {
    const last = this.#open.get(tag)?.at(-1);
    if (last !== undefined) last.inside++;
  }

  /** What its style makes of the element just opened. */
  style(tag: string, style: string): StyleKind | undefined {
    const kind = styleKind(style);
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
