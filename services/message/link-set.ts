/** Of one message, in UTF-16 units. */
const LINKS_UNITS_MAX = 1024 * 1024;

/** Of one address: what is longer is cut, and the set says so. */
export const LINK_UNITS_MAX = 8192;

/** A file within the message, or a place in it. */
const NO_LINK = /^(?:data|cid):|^#/iu;

/** Addresses that HTML links to, each once, in bounded memory. */
export class LinkSet {
  readonly #links = new Set<string>();
  #left = LINKS_UNITS_MAX;
  #isCut = false;

  /** Whether something did not fit. */
  get isCut(): boolean {
    return this.#isCut;
  }

  all(): readonly string[] {
    return [...this.#links];
  }

  /** @param written as an attribute has it: readers pass over line ends and tabs, and white space around it */
  add(written: string): void {
    const link = written.replace(/[\t\r\n\0]/gu, '').trim();
    if (link === '' || NO_LINK.test(link) || this.#links.has(link)) return;
    this.#left -= link.length;
    if (this.#left < 0 || link.length > LINK_UNITS_MAX) this.#isCut = true;
    if (this.#left >= 0) this.#links.add(link.slice(0, LINK_UNITS_MAX));
  }
}
