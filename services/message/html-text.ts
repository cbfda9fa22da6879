import { Tokenizer } from 'htmlparser2';
import type { ParseFlag } from './parsed-message.ts';
import { hides, type StyleKind, StyledElements } from './styled-elements.ts';
import { TextLayout } from './text-layout.ts';
import { wordSet } from './word-set.ts';

/** Elements whose beginning and end break the line. */
const BLOCKS = wordSet(`
  address article aside blockquote body br caption center colgroup dd desc details dialog dir div dl dt
  fieldset figcaption figure footer foreignobject form frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html
  legend li listing main marquee menu nav noembed noframes noscript ol optgroup option p plaintext pre search
  section select summary svg table tbody template text textarea tfoot thead title tr ul xmp
`);
/** Elements whose neighbours are other words. */
const CELLS = wordSet(
  'td th button input img area iframe object audio canvas datalist embed frame math meter progress video',
);
const TABLE_CELLS = new Set(['td', 'th']);
/** Words in them may be notes to the word before. */
const RAISED = new Set(['sup', 'sub']);
const ZERO_WIDTH_SPACE = '\u200b';
const UNSEEN = new Set(['script', 'style']);
const SPOKEN_ATTRIBUTES = new Set(['alt', 'title', 'placeholder']);
/** Elements that show their value; elsewhere it is a number or a key. */
const VALUED = new Set(['input', 'button', 'option']);
/** What is read of a name or a style: the rest changes nothing that we know. */
const NAME_MAX = 20;
const CONDITIONAL = /^\[if[^\]]{0,200}\]>/iu;
/** How such a comment ends, and how one ends that hides only itself: `<!--[if !mso]><!-->`. */
const CONDITION_END = /<!(?:\[endif\])?(?:--)?$/iu;

/**
 * The words of an HTML text: block elements break lines, entities are decoded, alternative texts and titles are kept, hidden
 * elements and what is meant for one mail program too; scripts, styles and comments are left out. The tokenizer keeps no stack of elements, so the time is linear and
 * nesting costs nothing. What an unfinished script, style, comment or tag would swallow is kept as text.
 * @param flags gets `unreadable-text` where a reader may see one word, and the text has none or another: hidden elements,
 * and what may take no room, within words
 */
export function htmlToText(html: string, flags?: Set<ParseFlag>): string {
  const reader = new HtmlReader(html, false);
  const text = reader.read();
  if (reader.isCut) flags?.add('unreadable-text');
  return text;
}

class HtmlReader {
  readonly #html: string;
  readonly #out = new TextLayout();
  /** `script` or `style` while inside one, and where its content began. */
  #unseen = '';
  #unseenFrom = 0;
  #tag = '';
  /** Value of the attribute that is being read, where it matters. */
  #value = '';
  #attribute: 'spoken' | 'style' | undefined;
  /** A style sheet hides something; an element that one may apply to begins within a word. */
  #sheetHides = false;
  #isStyledWithin = false;
  readonly #styled = new StyledElements();
  readonly #isConditional: boolean;
  #done = 0;

  constructor(html: string, isConditional: boolean) {
    this.#html = html;
    this.#isConditional = isConditional;
  }

  read(): string {
    const tokenizer = new Tokenizer({ xmlMode: false, decodeEntities: true }, this);
    tokenizer.write(this.#html);
    tokenizer.end();
    return this.#out.text();
  }

  get isCut(): boolean {
    return this.#out.isCut || (this.#sheetHides && this.#isStyledWithin);
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
    this.#tag = this.#nameAt(start, end);
    this.#styled.open(this.#tag);
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
    const tag = this.#nameAt(start, end);
    this.#end(this.#styled.close(tag));
    if (tag === this.#unseen) this.#endUnseen(start);
    if (tag === 'pre' && this.#out.preformatted > 0) this.#out.preformatted--;
    this.#separate(tag);
  }

  onattribname(start: number, end: number): void {
    const name = this.#nameAt(start, end);
    this.#attribute = this.#attributeKind(name);
    this.#value = '';
    if ((name === 'class' || name === 'id') && this.#out.isInWord) this.#isStyledWithin = true;
    if (name !== 'hidden') return;
    this.#styled.mark(this.#tag, 'hidden');
    this.#begin('hidden');
  }

  onattribdata(start: number, end: number): void {
    if (this.#attribute !== undefined) this.#value += this.#html.slice(start, end);
  }

  onattribentity(codePoint: number): void {
    if (this.#attribute !== undefined) this.#value += String.fromCodePoint(codePoint);
  }

  onattribend(): void {
    const value = this.#value;
    this.#value = '';
    if (value === '') return;
    if (this.#attribute === 'style') {
      this.#begin(this.#styled.style(this.#tag, value));
    } else if (this.#attribute === 'spoken') this.#out.aside(value);
  }

  #begin(kind: StyleKind | undefined): void {
    if (kind === 'hidden' && this.#out.isInWord) this.#out.isCut = true;
    else if (kind === 'block') this.#out.newline();
    else if (kind === 'inline-block') this.#out.breakWord();
  }

  #end(kind: StyleKind | undefined): void {
    if (kind === 'hidden') this.#out.seam();
    else this.#begin(kind);
  }

  #endUnseen(end: number): void {
    if (this.#unseen === 'style' && hides(this.#html.slice(this.#unseenFrom, end))) this.#sheetHides = true;
    this.#unseen = '';
  }

  #attributeKind(name: string): 'spoken' | 'style' | undefined {
    if (name === 'style') return 'style';
    return SPOKEN_ATTRIBUTES.has(name) || (name === 'value' && VALUED.has(this.#tag)) ? 'spoken' : undefined;
  }

  #nameAt(start: number, end: number): string {
    return this.#html.slice(start, Math.min(end, start + NAME_MAX)).toLowerCase();
  }

  oncomment(start: number, end: number, hyphens: number): void {
    this.#done = end + 1;
    if (end < this.#html.length) return this.#conditional(this.#html.slice(start, end - hyphens));
    // Never closed: what a browser takes as comment to the end may be the rest of the letter.
    this.#out.add(this.#html.slice(start, end));
  }

  /** `<!--[if mso]>…<![endif]-->`: what some programs show. Read once: a comment within is a comment. */
  #conditional(comment: string): void {
    const condition = this.#isConditional ? null : CONDITIONAL.exec(comment);
    if (condition === null) return;
    this.#out.newline();
    const html = comment.slice(condition[0].length).replace(CONDITION_END, '');
    const reader = new HtmlReader(html, true);
    for (const line of reader.read().split('\n')) {
      this.#out.add(line);
      this.#out.newline();
    }
    this.#out.isCut ||= reader.isCut;
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
    else if (CELLS.has(tag)) {
      if (!TABLE_CELLS.has(tag)) this.#out.seam();
      this.#out.space();
    } else if (RAISED.has(tag) && this.#out.isInWord) this.#out.add(ZERO_WIDTH_SPACE);
    else if (tag === 'bdo') this.#out.isCut = true;
  }
}
