import type { ParseFlag } from '#kernel';
import { Tokenizer } from 'htmlparser2';
import {
  BLOCKS,
  CELLS,
  UNSURE,
  REPLACED,
  VOID,
  TABLE_CELLS,
  MARKED,
  RUBY_NOTES,
  RUBY,
  UNSEEN,
  RAW,
  ODD,
} from './html-elements.ts';
import { type AttributeKind, attributeKind } from './html-attributes.ts';
import { beginStyled, conditionalContent, entityText, hasMarkup, isDataUrl, refreshed } from './html-markup.ts';
import { type HiddenNames, hiddenNames } from './hidden-names.ts';
import { LINK_UNITS_MAX, LinkSet } from './link-set.ts';
import { OpenElements } from './open-elements.ts';
import { ShownOtherwise } from './shown-otherwise.ts';
import { addressesIn, hides, mayHide, mayLeaveUnseen, styleKind, type StyleKind } from './styles.ts';
import { TextLayout } from './text-layout.ts';
import { NOTHING_BEFORE } from './word-readings.ts';

/** What is read of a name or a style: the rest changes nothing that we know. */
const NAME_MAX = 20;

/**
 * The words of an HTML text: block elements break lines, entities are decoded, alternative texts and titles are kept, hidden
 * elements and what is meant for one mail program too; scripts, styles and comments are left out. The tokenizer keeps no stack of elements, so the time is linear and
 * nesting costs nothing. What an unfinished script, style, comment or tag would swallow is kept as text.
 * @param flags gets `unreadable-text` where a reader may see one word, and the text has none or another: hidden elements,
 * and what may take no room, within words; `embedded-file` where it contains a picture, or another file, itself
 * @param links gets the addresses of what it links to, shows from elsewhere and sends to
 * @param further gets the words that a reader may see, and that the text has in parts, or with other letters within
 */
export function htmlToText(
  html: string,
  flags?: Set<ParseFlag>,
  further?: Set<string>,
  links: LinkSet = new LinkSet(),
): string {
  const reader = new HtmlReader(html, false, links);
  const text = reader.read();
  if (further !== undefined) for (const word of reader.found()) further.add(word);
  if (reader.isCut) flags?.add('unreadable-text');
  if (reader.embeds) flags?.add('embedded-file');
  return text;
}

class HtmlReader {
  readonly #html: string;
  readonly #base = new TextLayout();
  readonly #notes = new TextLayout();
  /** Where words go: `rt` and `rp` stand apart from the line. */
  #out = this.#base;
  /** The element without markup in which this is, and where its content began. */
  #raw = '';
  #rawFrom = 0;
  /** Whether that is a `script` or `style`, of which nothing is seen. */
  #isUnseen = false;
  /** What is raw elsewhere may be shown here. */
  #isOdd = false;
  #tag = '';
  /** Value of the attribute that is being read, where it matters. */
  #value = '';
  #attribute: AttributeKind | undefined;
  /** A style sheet hides something; an element that one may apply to begins within a word. */
  #sheetHides = false;
  #isStyledWithin = false;
  /** One begins right behind a word, and before a style sheet that hides something. */
  #isBeforeSheet = false;
  #isHiddenLater = false;
  readonly #styled = new OpenElements<StyleKind>();
  /** What the words had begun with before the elements that may be hidden. */
  readonly #before = new OpenElements<readonly string[]>();
  /** Where the words go of elements that a reader may not see. */
  readonly #unseen = new OpenElements<TextLayout>();
  readonly #hiddenNames: HiddenNames;
  /** What stood before the element just opened, as a reader sees it. */
  #gapBefore: TextLayout['seen']['gap'] = '';
  #isMarked = false;
  #isUnseenElement = false;
  /** It stands in another HTML text; what stands in it again is text. */
  readonly #isNested: boolean;
  readonly #links: LinkSet;
  readonly #shown = new ShownOtherwise();
  readonly #nested: HtmlReader[] = [];
  #done = 0;

  readonly #said: Readonly<Record<AttributeKind, (value: string) => void>> = {
    style: (value) => this.#style(value),
    spoken: (value) => this.#out.aside(value),
    tip: (value) => this.#tip(value),
    class: (value) => this.#class(value),
    refresh: (value) => this.#links.add(refreshed(value)),
    direction: (value) => void (this.#shown.isReordered ||= /rtl/iu.test(value)),
    source: (value) => this.#source(value),
    document: (value) => this.#document(value),
  };

  constructor(html: string, isNested: boolean, links: LinkSet) {
    this.#html = html;
    this.#links = links;
    this.#isNested = isNested;
    this.#hiddenNames = hiddenNames(html);
  }

  read(): string {
    const tokenizer = new Tokenizer({ xmlMode: false, decodeEntities: true }, this);
    tokenizer.write(this.#html);
    tokenizer.end();
    return [this.#base.text(), this.#notes.text()].filter((text) => text !== '').join('\n');
  }

  *found(): Generator<string> {
    yield* this.#base.found;
    yield* this.#notes.found;
    yield* this.#base.seen.found;
    for (const reader of this.#nested) yield* reader.found();
  }

  get embeds(): boolean {
    return this.#shown.embeds;
  }

  get isCut(): boolean {
    if (this.#shown.isReordered && this.#base.found.size > 0) return true;
    const isHiddenWithin = this.#sheetHides && this.#isStyledWithin;
    return (
      this.#hiddenNames.hasOthers ||
      this.#shown.isOtherwise ||
      isHiddenWithin ||
      this.#isHiddenLater ||
      this.#base.isCut ||
      this.#notes.isCut ||
      this.#before.isFull
    );
  }

  ontext(start: number, end: number): void {
    this.#done = end;
    if (!this.#isUnseen) this.#out.add(this.#html.slice(start, end));
  }

  ontextentity(codePoint: number, end: number): void {
    this.#done = end;
    if (this.#isUnseen) return;
    this.#out.add(entityText(codePoint));
  }

  onopentagname(start: number, end: number): void {
    this.#tag = this.#nameAt(start, end);
    this.#styled.open(this.#tag);
    this.#before.open(this.#tag);
    this.#unseen.open(this.#tag);
    this.#isMarked = false;
    this.#isUnseenElement = false;
    this.#gapBefore = this.#out.seen.gap;
    this.#shown.embeds ||= this.#tag === 'svg';
    this.#isOdd ||= ODD.has(this.#tag);
    this.#separate(this.#tag);
    if (this.#out.isAdjacent) this.#beginBehindLetter();
    if (REPLACED.has(this.#tag) || this.#hiddenNames.elements.has(this.#tag)) this.#hide();
  }

  /** A reader may not see the element just opened, and what stands before and behind it as neighbours. */
  #hide(): void {
    if (this.#isUnseenElement || VOID.has(this.#tag)) return;
    this.#isUnseenElement = true;
    this.#unseen.mark(this.#tag, this.#out);
    this.#out.seen.hide(this.#gapBefore);
  }

  /** A style sheet that hides elements may hide this one; one that follows is not known yet. */
  #beginBehindLetter(): void {
    if (this.#out.isWithin || this.#sheetHides || UNSURE.has(this.#tag)) this.#mayHide(this.#tag);
    if (!this.#sheetHides && !VOID.has(this.#tag) && !UNSEEN.has(this.#tag)) this.#isBeforeSheet = true;
  }

  onopentagend(end: number): void {
    this.#done = end + 1;
    if (this.#tag === 'pre') this.#out.preformatted++;
    if (!RAW.has(this.#tag) && this.#tag !== 'plaintext') return;
    this.#raw = this.#tag;
    this.#rawFrom = end + 1;
    this.#isUnseen = UNSEEN.has(this.#tag);
  }

  onselfclosingtag(end: number): void {
    this.#done = end + 1;
  }

  onclosetag(start: number, end: number): void {
    this.#done = end + 1;
    const tag = this.#nameAt(start, end);
    const kind = this.#styled.close(tag);
    if (tag === this.#raw) this.#endRaw(start - 2);
    if (tag === 'pre' && this.#out.preformatted > 0) this.#out.preformatted--;
    this.#separate(tag);
    this.#unseen.close(tag)?.seen.show();
    this.#skip(tag);
    // What is quoted in an end tag is none of the text, and may have a `>`.
    if (/["']/u.test(this.#html.slice(end, this.#html.indexOf('>', end) + 1))) this.#shown.isOtherwise = true;
    if (RUBY_NOTES.has(tag)) this.#out = this.#base;
    if (kind === 'hidden') this.#out.seam();
    else beginStyled(kind, tag, this.#out);
  }

  onattribname(start: number, end: number): void {
    const name = this.#nameAt(start, end);
    this.#attribute = attributeKind(name, this.#tag);
    this.#value = '';
    if (name === 'class' || name === 'id') this.#named();
    if (name !== 'hidden' && name !== 'popover') return;
    this.#styled.mark(this.#tag, 'hidden');
    this.#hide();
    this.#mayHide(this.#tag);
    beginStyled('hidden', this.#tag, this.#out);
  }

  /** A style sheet may say of it what it likes. */
  #named(): void {
    this.#mayHide(this.#tag);
    if (this.#out.isInWord) this.#isStyledWithin = true;
  }

  onattribdata(start: number, end: number): void {
    if (this.#attribute === undefined) return;
    const left = this.#attribute === 'source' ? LINK_UNITS_MAX + 1 - this.#value.length : Infinity;
    if (left > 0) this.#value += this.#html.slice(start, Math.min(end, start + left));
  }

  onattribentity(codePoint: number): void {
    if (this.#attribute !== undefined) this.#value += String.fromCodePoint(codePoint);
  }

  onattribend(): void {
    const value = this.#value;
    this.#value = '';
    if (value === '') return;
    if (this.#attribute !== undefined) this.#said[this.#attribute](value);
  }

  /** Shown beside the line, if at all. */
  #tip(text: string): void {
    this.#notes.newline();
    this.#notes.add(text);
    this.#notes.newline();
  }

  #class(names: string): void {
    const { values } = this.#hiddenNames;
    if (
      values.size > 0 &&
      names
        .toLowerCase()
        .split(/\s+/u)
        .some((name) => values.has(name))
    )
      this.#hide();
  }

  #source(address: string): void {
    if (isDataUrl(address)) this.#shown.embeds = true;
    else this.#links.add(address);
  }

  #style(style: string): void {
    const kind = styleKind(style);
    if (kind !== undefined) this.#styled.mark(this.#tag, kind);
    if (mayLeaveUnseen(style)) this.#hide();
    if (!this.#isMarked && this.#out.beginnings() !== NOTHING_BEFORE && mayHide(style)) this.#mayHide(this.#tag);
    beginStyled(kind, this.#tag, this.#out);
    this.#shown.noteStyle(style);
    this.#link(style);
  }

  /** The element just opened may be hidden, and its letters no part of a word around it. */
  #mayHide(tag: string): void {
    if (this.#isMarked || VOID.has(tag)) return;
    const before = this.#out.beginnings();
    if (before === NOTHING_BEFORE) return;
    this.#isMarked = true;
    this.#before.mark(tag, before);
  }

  #skip(tag: string): void {
    const before = this.#before.close(tag);
    if (before !== undefined) this.#out.skip(before);
    else this.#out.skip(NOTHING_BEFORE);
  }

  #endRaw(end: number): void {
    const tag = this.#raw;
    const content = this.#html.slice(this.#rawFrom, end);
    this.#raw = '';
    this.#isUnseen = false;
    if (tag === 'style') this.#sheet(content);
    if (UNSEEN.has(tag) ? this.#isOdd : hasMarkup(content, tag)) this.#document(content);
  }

  #link(style: string): void {
    if (/url\(|@import/iu.test(style)) for (const address of addressesIn(style)) this.#links.add(address);
  }

  #sheet(sheet: string): void {
    this.#link(sheet);
    if (!this.#sheetHides && hides(sheet)) {
      this.#sheetHides = true;
      this.#isHiddenLater = this.#isBeforeSheet;
    }
    this.#shown.noteSheet(sheet);
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
    const content = this.#isNested ? undefined : conditionalContent(comment);
    if (content !== undefined) this.#document(content);
  }

  /** Another HTML text, where this one has it. */
  #document(html: string): void {
    if (this.#isNested) {
      this.#shown.isOtherwise ||= hasMarkup(html);
      return this.#out.aside(html);
    }
    const reader = new HtmlReader(html, true, this.#links);
    this.#nested.push(reader);
    this.#out.block(reader.read().split('\n'));
    this.#shown.isOtherwise ||= reader.isCut;
    this.#shown.embeds ||= reader.embeds;
  }

  oncdata(start: number, end: number): void {
    this.#done = end + 1;
    const content = this.#html.slice(start, end);
    const before = this.#out.beginnings();
    this.#out.hidden(content);
    // To a reader of HTML it is a comment.
    this.#out.skip(before);
    // No text to a reader that knows HTML alone.
    if (hasMarkup(content)) this.#document(content);
  }

  ondeclaration(_start: number, end: number): void {
    this.#done = end + 1;
  }

  onprocessinginstruction(_start: number, end: number): void {
    this.#done = end + 1;
  }

  onend(): void {
    if (this.#isUnseen) this.#out.add(this.#html.slice(this.#rawFrom));
    else if (this.#done < this.#html.length) this.#out.add(this.#html.slice(this.#done));
    const raw = this.#raw;
    if (raw !== '') this.#endRaw(this.#html.length);
    // It ends with the text, as in every reader.
    this.#unseen.close(raw)?.seen.show();
  }

  #separate(tag: string): void {
    if (BLOCKS.has(tag)) {
      // Whatever was open in it ends with its line.
      this.#out = this.#base;
      this.#out.newline();
    } else if (CELLS.has(tag)) {
      if (!TABLE_CELLS.has(tag)) this.#out.seam();
      this.#out.space();
    } else if (MARKED.has(tag)) this.#out.divide();
    else this.#separateRare(tag);
  }

  #separateRare(tag: string): void {
    if (tag === 'bdo') this.#shown.isOtherwise = true;
    else if (RUBY.has(tag)) {
      this.#out = this.#base;
      this.#notes.space();
    } else if (RUBY_NOTES.has(tag)) {
      this.#out = this.#notes;
      this.#out.divide();
    }
  }
}
