import type { ParseFlag } from '#kernel';
import { commentsIn, withoutComments } from './comments.ts';
import { decodeEncodedWords } from './encoded-word.ts';
import type { MailAddress } from './parsed-message.ts';

/**
 * An address list (RFC 5322 §3.4), read tolerantly and in one pass: groups, comments, quoted strings, source routes, lists
 * separated by semicolons, addresses without angle brackets. Whatever looks like an address comes out.
 */
export function parseAddresses(text: string, flags: Set<ParseFlag>): MailAddress[] {
  if (text === '') return [];
  return SPECIAL.test(text) ? new AddressReader(text, flags).read() : plainList(text);
}

/** What makes a list more than bare addresses between commas. */
const SPECIAL = /["(<:;[\\ \t]|=\?/u;

function plainList(text: string): MailAddress[] {
  const addresses: MailAddress[] = [];
  for (const item of text.split(',')) if (item !== '') addresses.push(bareAddress(item));
  return addresses;
}

function bareAddress(text: string): MailAddress {
  return text.includes('@') ? { name: '', address: text } : { name: text, address: '' };
}

/** An encoded word may contain commas and brackets, though RFC 2047 §5 forbids them. */
const ENCODED_WORD = /=\?[^?\s]{1,60}\?[bqBQ]\?[^?\s]*\?=/uy;

/** The longest IPv6 literal has 47 characters; looking no further keeps a run of `[` linear. */
const LITERAL_LENGTH_MAX = 80;

class AddressReader {
  readonly #text: string;
  readonly #flags: Set<ParseFlag>;
  readonly #found: MailAddress[] = [];
  #at = 0;
  #phrase: string[] = [];
  #quotedPhrase = false;
  #comment = '';
  #angle: string | undefined;
  /** What stood before the angle bracket. */
  #before = '';

  constructor(text: string, flags: Set<ParseFlag>) {
    this.#text = text;
    this.#flags = flags;
  }

  read(): MailAddress[] {
    while (this.#at < this.#text.length) this.#step(this.#text[this.#at] ?? '');
    this.#finish();
    return this.#found;
  }

  #step(character: string): void {
    switch (character) {
      case '"':
        return this.#quoted();
      case '(':
        return this.#commented();
      case '<':
        return this.#bracketed();
      case '[':
        return this.#literal();
      case ',':
      case ';':
        this.#at++;
        return this.#finish();
      case ':':
        return this.#group();
      default:
        return this.#plain();
    }
  }

  /** Text up to the next character that means something. */
  #plain(): void {
    const start = this.#at;
    ENCODED_WORD.lastIndex = start;
    if (this.#text.startsWith('=?', start) && ENCODED_WORD.test(this.#text)) this.#at = ENCODED_WORD.lastIndex;
    else {
      this.#at++;
      while (this.#at < this.#text.length && !this.#stopsPlain()) this.#at++;
    }
    this.#phrase.push(this.#text.slice(start, this.#at));
  }

  #stopsPlain(): boolean {
    switch (this.#text.charAt(this.#at)) {
      case '"':
      case '(':
      case '<':
      case '[':
      case ',':
      case ';':
      case ':':
        return true;
      case '=':
        return this.#text[this.#at + 1] === '?';
      default:
        return false;
    }
  }

  /** RFC 5322 §3.2.4. Before an `@` it is a local part and keeps its quotes. An unclosed quote is an ordinary character. */
  #quoted(): void {
    const start = this.#at;
    const close = this.#closing(start, '"');
    if (close < 0) {
      this.#phrase.push(' ');
      this.#at++;
      return;
    }
    this.#at = close + 1;
    const raw = this.#text.slice(start, close + 1);
    if (this.#text[this.#at] === '@') this.#phrase.push(raw.replaceAll(/\s/gu, SPACE_IN_LOCAL_PART));
    else {
      this.#phrase.push(raw.slice(1, -1).replace(/\\(.)/gu, '$1'));
      this.#quotedPhrase = true;
    }
  }

  #noClosing = new Set<string>();

  #closing(start: number, mark: string): number {
    // Once there is none, there is none for all that follow: keeps the search linear.
    if (this.#noClosing.has(mark)) return -1;
    for (let at = start + 1; at < this.#text.length; at++) {
      if (this.#text[at] === '\\') at++;
      else if (this.#text[at] === mark) return at;
    }
    this.#noClosing.add(mark);
    return -1;
  }

  /** RFC 5322 §3.2.2: comments nest. An unclosed one is read on as text, so that no address is lost in it. */
  #commented(): void {
    const start = this.#at++;
    const close = this.#noClosing.has('(') ? -1 : this.#commentEnd();
    if (close < 0) {
      this.#noClosing.add('(');
      this.#at = start + 1;
      this.#phrase.push(' ');
      return;
    }
    this.#at = close + 1;
    const comment = this.#text.slice(start + 1, close);
    this.#comment = this.#comment === '' ? comment : `${this.#comment} ${comment}`;
  }

  #commentEnd(): number {
    let depth = 1;
    for (let at = this.#at; at < this.#text.length; at++) {
      const character = this.#text[at];
      if (character === '\\') at++;
      else if (character === '(') depth++;
      else if (character === ')' && --depth === 0) return at;
    }
    return -1;
  }

  /** `<address>`; without `>` it ends at the next comma. */
  #bracketed(): void {
    while (this.#text[this.#at] === '<' || this.#text[this.#at] === ' ') this.#at++;
    let end = this.#at;
    while (end < this.#text.length && !isAngleEnd(this.#text, end, this.#at)) end++;
    const inner = this.#text.slice(this.#at, end);
    const phrase = this.#phrase.join('').trim();
    this.#phrase = [];
    // `Ann <a@x> Bob <b@x>`: the comma is missing.
    if (this.#angle !== undefined) this.#finish();
    this.#before = phrase;
    if (inner.includes('(')) this.#comment = `${this.#comment} ${commentsIn(inner)}`.trim();
    this.#angle = withoutRoute(inner.includes('(') ? withoutComments(inner).trim() : inner.trim());
    this.#at = end;
    while (this.#text[this.#at] === '>') this.#at++;
  }

  /** A domain literal (RFC 5322 §3.4.1) may contain colons. */
  #literal(): void {
    const close = this.#text.slice(this.#at, this.#at + LITERAL_LENGTH_MAX).indexOf(']');
    const end = close < 0 ? this.#at + 1 : this.#at + close + 1;
    this.#phrase.push(this.#text.slice(this.#at, end));
    this.#at = end;
  }

  /** `name:` begins a group, unless what stands before is an address. */
  #group(): void {
    this.#at++;
    const phrase = this.#phrase.join('').trim();
    if (this.#angle !== undefined || phrase.includes('@')) {
      this.#phrase.push(' ');
      return;
    }
    this.#phrase = [];
    if (phrase !== '' && phrase.toLowerCase() !== 'mailto') this.#add(phrase, '');
  }

  #finish(): void {
    const phrase = this.#phrase.join('').trim();
    if (this.#angle !== undefined) this.#finishBracketed(phrase, this.#angle);
    else if (phrase !== '') this.#finishBare(phrase);
    else if (this.#comment !== '') this.#finishBare(this.#comment);
    this.#phrase = [];
    this.#quotedPhrase = false;
    this.#comment = '';
    this.#before = '';
    this.#angle = undefined;
  }

  #finishBracketed(behind: string, address: string): void {
    const isAddress = behind.includes('@');
    const phrase = isAddress ? this.#before : `${this.#before} ${behind}`.trim();
    const name = phrase === '' ? this.#comment : phrase;
    if (name !== '' || address !== '') this.#add(name, address);
    if (isAddress) this.#finishBare(behind);
  }

  /** Without angle brackets: words with `@` are addresses, the other words their name. */
  #finishBare(phrase: string): void {
    if (!phrase.includes('@') || this.#quotedPhrase) return this.#addQuoted(phrase);
    const words = joinedAt(phrase).split(/\s+/u);
    const addresses = words.filter((word) => word.includes('@'));
    const rest = words.filter((word) => !word.includes('@')).join(' ');
    const name = rest === '' ? this.#comment : rest;
    for (const [index, address] of addresses.entries()) this.#add(index === 0 ? name : '', address);
  }

  /** A quoted phrase alone, such as `"joe@example.com"`: an address if it is one word with `@`, else a name. */
  #addQuoted(phrase: string): void {
    const isAddress = phrase.includes('@') && !/\s/u.test(phrase);
    if (isAddress) this.#add(this.#comment, phrase);
    else this.#add(phrase, '');
  }

  #add(name: string, address: string): void {
    const spaced = address.includes(SPACE_IN_LOCAL_PART) ? address.replaceAll(SPACE_IN_LOCAL_PART, ' ') : address;
    // RFC 5322 §3.2.1: `"vic\tim"@x` is `"victim"@x`.
    const clean = spaced.includes('\\') ? spaced.replace(/\\(.)/gu, '$1') : spaced;
    const found = { name: this.#readable(name), address: this.#readable(clean) };
    const comment = name === this.#comment ? '' : this.#readable(this.#comment);
    this.#found.push(comment === '' ? found : { ...found, comment });
    this.#comment = '';
  }

  #readable(text: string): string {
    return decodeEncodedWords(text, this.#flags).replace(/\s+/gu, ' ').trim();
  }
}

/** Stands for a space in a quoted local part while words are split. */
const SPACE_IN_LOCAL_PART = '\uE000';

function isAngleEnd(text: string, at: number, start: number): boolean {
  const character = text[at];
  if (character === '>') return true;
  // A comma ends an unclosed bracket, but not the route in `<@a,@b:user@c>`.
  return (character === ',' || character === ';') && text[start] !== '@';
}

/** RFC 5322 §4.4: `@a,@b:user@c` means `user@c`. */
function withoutRoute(address: string): string {
  if (!address.startsWith('@')) return address;
  const colon = address.indexOf(':');
  return colon < 0 ? address : address.slice(colon + 1);
}

/** RFC 5322 §4.4 allows white space around `@` and dots: ` @ ` is `@`. */
function joinedAt(phrase: string): string {
  if (!phrase.includes(' @') && !phrase.includes('@ ')) return phrase;
  return phrase
    .split('@')
    .map((piece) => piece.trim())
    .join('@');
}
