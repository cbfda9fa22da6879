import { Tokenizer } from 'htmlparser2';
import { StyledElements } from './styled-elements.ts';
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
 */
export function htmlToText(html: string): string {
  return new HtmlReader(html, false).read();
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
    if (this.#styled.close(tag)) this.#out.newline();
    if (tag === this.#unseen) this.#unseen = '';
    if (tag === 'pre' && this.#out.preformatted > 0) this.#out.preformatted--;
    this.#separate(tag);
  }

  onattribname(start: number, end: number): void {
    this.#attribute = this.#attributeKind(this.#nameAt(start, end));
    this.#value = '';
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
      if (this.#styled.style(this.#tag, value)) this.#out.newline();
    } else if (this.#attribute === 'spoken') {
      this.#out.space();
      this.#out.add(value);
      this.#out.space();
    }
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
    for (const line of new HtmlReader(html, true).read().split('\n')) {
      this.#out.add(line);
      this.#out.newline();
    }
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
