import type { ParseFlag } from '#kernel';
import type { BoundaryStack } from './boundary-stack.ts';
import { COLON, CR, LF, SPACE, TAB, endsBare, lineEndAt, nextLineAt } from './octets.ts';
import type { ParseBudget } from './parse-budget.ts';

/** Who got it, as servers write it. */
export const ENVELOPE_FIELDS = [
  'delivered-to',
  'envelope-to',
  'x-envelope-to',
  'apparently-to',
  'x-apparently-to',
  'x-original-to',
] as const;

/** What else a header says. */
export const NOTE_FIELDS = [
  'comments',
  'keywords',
  'disposition-notification-to',
  'organization',
  'thread-topic',
  'list-id',
] as const;

/** What a message's header says to people: who sent, carried and got it, when, and of what. */
export const SHOWN_FIELDS = [
  'subject',
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'bcc',
  'resent-from',
  'resent-to',
  'resent-cc',
  'resent-bcc',
  'return-path',
  'x-bcc',
  ...ENVELOPE_FIELDS,
  ...NOTE_FIELDS,
  'date',
  'message-id',
] as const;

/** The fields that say something of the message or its parts; every other is kept by its place alone. */
const FIELD_NAMES = [
  ...SHOWN_FIELDS,
  'in-reply-to',
  'references',
  'content-type',
  'content-transfer-encoding',
  'content-disposition',
  'content-description',
] as const;

export type FieldName = (typeof FIELD_NAMES)[number];

export interface Field {
  readonly name: FieldName;
  /** First octet after the colon. */
  readonly start: number;
  /** End of the last line of the value, its line end excluded; line ends of folding are inside. */
  end: number;
}

/** A field that is none of those. */
export interface OtherField extends Omit<Field, 'name'> {
  /** The name's octets. */
  readonly nameStart: number;
  readonly nameEnd: number;
}

export interface HeaderBlock {
  readonly fields: readonly Field[];
  readonly others: readonly OtherField[];
  readonly bodyStart: number;
  /** End of the last line that belongs to a field, its line end included. */
  readonly fieldsEnd: number;
  /** How many fields there are, known or not. */
  readonly fieldCount: number;
  /** Start of the first line that is no field and behind which fields go on; the lines from there are words as well. */
  readonly junkFrom: number | undefined;
  /** What ended it: the blank line, a line that is no field, the end of the octets, a delimiter line, or a limit. */
  readonly endedBy: 'blank-line' | 'no-field' | 'end' | 'delimiter';
}

/** How far behind a line that is no field another field is looked for. */
const LOOK_AHEAD = 1000;
/** Everything before the first blank line. */
const BLANK_LINE = /^(?:[^\r\n]+(?:\r\n|\n|\r)?)*/u;
const RESUMING_FIELD =
  /[\r\n](?:received|return-path|delivered-to|from|to|cc|subject|date|message-id|reply-to|mime-version|content-[a-z-]{1,40})[ \t]*:/iu;

interface Where {
  readonly end: number;
  readonly budget: ParseBudget;
  readonly flags: Set<ParseFlag>;
  readonly boundaries: BoundaryStack;
}

const fieldsByHash = new Map(FIELD_NAMES.map((name) => [hashOf(name), name]));

function hashOf(name: string): number {
  let hash = 0;
  for (let index = 0; index < name.length; index++) hash = (hash * 31 + name.charCodeAt(index)) | 0;
  return hash;
}

/** One pass over the lines from `start` to the end of the header. */
export function readHeader(bytes: Buffer, start: number, where: Where): HeaderBlock {
  return new HeaderReader(bytes, start, where).read();
}

class HeaderReader {
  readonly #bytes: Buffer;
  readonly #start: number;
  readonly #where: Where;
  readonly #limit: number;
  readonly #fields: Field[] = [];
  readonly #others: OtherField[] = [];
  #fieldCount = 0;
  #hash = 0;
  #junkFrom: number | undefined;
  #current: { end: number } | undefined;

  constructor(bytes: Buffer, start: number, where: Where) {
    this.#bytes = bytes;
    this.#start = start;
    this.#where = where;
    this.#limit = start + where.budget.headerBytes;
  }

  read(): HeaderBlock {
    const { end, boundaries } = this.#where;
    const bytes = this.#bytes;
    let line = this.#start;
    while (line < end) {
      const first = bytes[line];
      if (first === LF || first === CR) return this.#endAtBlankLine(line);
      if (boundaries.depth > 0 && boundaries.at(bytes, line, this.#start, end) !== undefined) {
        return this.#block(line, 'delimiter');
      }
      const valueAt = this.#valueAt(line, first === SPACE || first === TAB);
      if (valueAt < 0) return this.#block(line, 'no-field');
      const lineEnd = lineEndAt(bytes, valueAt, end);
      this.#extend(line, lineEnd);
      line = nextLineAt(bytes, lineEnd, end);
    }
    return this.#block(end, 'end');
  }

  #block(fieldsEnd: number, endedBy: HeaderBlock['endedBy'], bodyStart = fieldsEnd): HeaderBlock {
    return {
      fields: this.#fields,
      others: this.#others,
      bodyStart,
      fieldsEnd,
      fieldCount: this.#fieldCount,
      junkFrom: this.#junkFrom,
      endedBy,
    };
  }

  #endAtBlankLine(line: number): HeaderBlock {
    if (endsBare(this.#bytes, line, this.#where.end)) this.#where.flags.add('ambiguous-structure');
    return this.#block(line, 'blank-line', nextLineAt(this.#bytes, line, this.#where.end));
  }

  /** Where the line's value begins; -1 where it belongs to no field and ends the header. */
  #valueAt(line: number, isFolded: boolean): number {
    const valueAt = isFolded ? this.#continued(line) : this.#named(line);
    if (valueAt >= 0 || !this.#resumes(line)) return valueAt;
    // Some readers step over such a line, some end the header at it.
    this.#where.flags.add('ambiguous-structure');
    this.#junkFrom ??= line;
    return line;
  }

  /** Whether well-known fields go on shortly behind a line that is none. */
  #resumes(line: number): boolean {
    const ahead = this.#bytes.toString('latin1', line, Math.min(this.#where.end, line + LOOK_AHEAD));
    const [here] = BLANK_LINE.exec(ahead) ?? [ahead];
    return RESUMING_FIELD.test(here);
  }

  /** RFC 5322 §2.2.3: a line that begins with white space continues the field before it. */
  #continued(line: number): number {
    return this.#fieldCount === 0 ? -1 : line + 1;
  }

  /** Position after the colon of `name:`; -1 where the line is no field. */
  #named(line: number): number {
    const nameEnd = this.#nameEnd(line);
    const colon = this.#colonAfter(nameEnd);
    if (nameEnd === line || colon < 0) return -1;
    this.#fieldCount++;
    this.#current = this.#field(line, nameEnd, colon);
    return colon + 1;
  }

  /** End of the printable characters at the line's start; their hash in lower case is left in `#hash`. */
  #nameEnd(line: number): number {
    const { end } = this.#where;
    let at = line;
    let hash = 0;
    while (at < end) {
      const octet = this.#bytes[at] ?? 0;
      if (octet === COLON || octet <= SPACE || octet >= 0x7f) break;
      hash = (hash * 31 + (octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet)) | 0;
      at++;
    }
    this.#hash = hash;
    return at;
  }

  /** RFC 5322 §4.5: obsolete syntax allows white space before the colon. */
  #colonAfter(nameEnd: number): number {
    const { end } = this.#where;
    let at = nameEnd;
    while (at < end && (this.#bytes[at] === SPACE || this.#bytes[at] === TAB)) at++;
    return at < end && this.#bytes[at] === COLON ? at : -1;
  }

  #field(line: number, nameEnd: number, colon: number): { end: number } | undefined {
    const name = this.#known(this.#hash, line, nameEnd);
    if (line >= this.#limit || this.#fieldCount > this.#where.budget.headerFields) {
      this.#where.flags.add('header-truncated');
      return undefined;
    }
    const value = { start: colon + 1, end: colon + 1 };
    if (name === undefined) {
      const other = { ...value, nameStart: line, nameEnd };
      this.#others.push(other);
      return other;
    }
    if (colon !== nameEnd) this.#where.flags.add('ambiguous-structure');
    const field = { ...value, name };
    this.#fields.push(field);
    return field;
  }

  #known(hash: number, line: number, nameEnd: number): FieldName | undefined {
    const name = fieldsByHash.get(hash);
    if (name?.length !== nameEnd - line) return undefined;
    return this.#bytes.toString('latin1', line, nameEnd).toLowerCase() === name ? name : undefined;
  }

  #extend(line: number, lineEnd: number): void {
    const { flags, end } = this.#where;
    if (lineEnd > this.#limit) flags.add('header-truncated');
    if (endsBare(this.#bytes, lineEnd, end)) flags.add('ambiguous-structure');
    if (this.#current !== undefined && line < this.#limit) this.#current.end = Math.min(lineEnd, this.#limit);
  }
}
