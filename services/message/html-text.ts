import { Tokenizer } from 'htmlparser2';
import { TextLayout } from './text-layout.ts';

import { wordSet } from './word-set.ts';

/** Elements whose beginning and end break the line. */
const BLOCKS = wordSet(`
  address article aside blockquote body br caption center dd details dir div dl dt fieldset
  figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hr html legend li main menu nav ol
  option p pre section select summary table tbody textarea tfoot thead title tr ul
`);
/** Elements whose neighbours are other words. */
const CELLS = new Set(['td', 'th', 'button', 'input', 'img', 'area', 'iframe', 'object']);
const UNSEEN = new Set(['script', 'style']);
const SPOKEN_ATTRIBUTES = new Set(['alt', 'title']);

/**
 * The words of an HTML text: block elements break lines, entities are decoded, alternative texts and titles are kept, hidden
 * elements too; scripts, styles and comments are left out. The tokenizer keeps no stack of elements, so the time is linear and
 * nesting costs nothing. What an unfinished script, style, comment or tag would swallow is kept as text.
 */
export function htmlToText(html: string): string {
  return new HtmlReader(html).read();
}

class HtmlReader {
  readonly #html: string;
  readonly #out = new TextLayout();
  /** `script` or `style` while inside one, and where its content began. */
  #unseen = '';
  #unseenFrom = 0;
  #tag = '';
  #spoken = '';
  #isSpoken = false;
  #done = 0;

  constructor(html: string) {
    this.#html = html;
  }

  read(): string {
    const tokenizer = new Tokenizer({ xmlMode: false, decodeEntities: true }, this);
    tokenizer.write(this.#html);
    tokenizer.end();
    return this.#out.text();
  }

  ontext(start: number, end: number): void {
    this.#done = end;
    if (this.#unseen === '') this.#out.add(this.#html.slice(start, end));
  }

  ontextentity(codePoint: number, end: number): void {
    this.#done = end;
    if (this.#unseen === '') this.#out.add(String.fromCodePoint(codePoint));
  }

  onopentagname(start: number, end: number): void {
    this.#tag = this.#html.slice(start, Math.min(end, start + 20)).toLowerCase();
    this.#separate(this.#tag);
  }

  onopentagend(end: number): void {
    this.#done = end + 1;
    if (this.#tag === 'pre') this.#out.preformatted++;
    if (!UNSEEN.has(this.#tag)) return;
    this.#unseen = this.#tag;
    this.#unseenFrom = end + 1;
  }

  onselfclosingtag(end: number): void {
    this.#done = end + 1;
  }

  onclosetag(start: number, end: number): void {
    this.#done = end + 1;
    const tag = this.#html.slice(start, Math.min(end, start + 20)).toLowerCase();
    if (tag === this.#unseen) this.#unseen = '';
    if (tag === 'pre' && this.#out.preformatted > 0) this.#out.preformatted--;
    this.#separate(tag);
  }

  onattribname(start: number, end: number): void {
    this.#isSpoken = end - start <= 5 && SPOKEN_ATTRIBUTES.has(this.#html.slice(start, end).toLowerCase());
    this.#spoken = '';
  }

  onattribdata(start: number, end: number): void {
    if (this.#isSpoken) this.#spoken += this.#html.slice(start, end);
  }

  onattribentity(codePoint: number): void {
    if (this.#isSpoken) this.#spoken += String.fromCodePoint(codePoint);
  }

  onattribend(): void {
    if (!this.#isSpoken || this.#spoken === '') return;
    this.#out.space();
    this.#out.add(this.#spoken);
    this.#out.space();
    this.#spoken = '';
  }

  oncomment(start: number, end: number): void {
    this.#done = end + 1;
    // Never closed: what a browser takes as comment to the end may be the rest of the letter.
    if (end >= this.#html.length) this.#out.add(this.#html.slice(start, end));
  }

  oncdata(start: number, end: number): void {
    this.#done = end + 1;
    this.#out.add(this.#html.slice(start, end));
  }

  ondeclaration(_start: number, end: number): void {
    this.#done = end + 1;
  }

  onprocessinginstruction(_start: number, end: number): void {
    this.#done = end + 1;
  }

  onend(): void {
    if (this.#unseen !== '') this.#out.add(this.#html.slice(this.#unseenFrom));
    else if (this.#done < this.#html.length) this.#out.add(this.#html.slice(this.#done));
  }

  #separate(tag: string): void {
    if (BLOCKS.has(tag)) this.#out.newline();
    else if (CELLS.has(tag)) this.#out.space();
  }
}
