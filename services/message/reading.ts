import type { ParseFlag } from '#kernel';
import type { Entity } from './entity.ts';
import type { SeenText } from './seen-text.ts';
import { LinkSet } from './link-set.ts';
import type { ParseBudget } from './parse-budget.ts';
import type { MessageTrait, NamedField } from './parsed-message.ts';
import { withoutNul } from './controls.ts';

/** RFC 9580 §6.2. */
const ARMOUR = '-----BEGIN PGP MESSAGE';

/** U+202E and U+202D: overrides, which no language needs. */
const RIGHT_TO_LEFT = '\u202e';
const LEFT_TO_RIGHT = '\u202d';

/** An attachment while its text is still being found. */
export interface OpenAttachment {
  readonly name: string;
  readonly otherName: string;
  readonly mediaType: string;
  size: number;
  readonly texts: string[];
  /** Its text was looked for, or it is known to have none. */
  isRead: boolean;
}

/** An attached message whose octets had to be decoded first; it is walked when the walk that found it is over. */
export interface EnclosedMessage {
  readonly bytes: Buffer;
  readonly texts: string[];
  readonly depth: number;
  /** It is the header of a message that is not there: what it says of a body describes nothing. */
  readonly isHeader: boolean;
}

/** Where the text of an entity goes. */
export interface Place {
  readonly texts: string[];
  /** How many multiparts and messages are around it. */
  readonly depth: number;
  /** Inside multipart/alternative: what its other sides have said already. */
  readonly seen: SeenText | undefined;
  /** Media type where none is declared: RFC 2045 §5.2, RFC 2046 §5.1.5. */
  readonly defaultType: 'text/plain' | 'message/rfc822';
}

/** What was read of one message so far, and what may still be read. */
export class Reading {
  readonly budget: ParseBudget;
  readonly flags = new Set<ParseFlag>();
  readonly traits = new Set<MessageTrait>();
  readonly body: string[] = [];
  readonly notes: string[] = [];
  readonly fields: NamedField[] = [];
  readonly links = new LinkSet();
  readonly attachments: OpenAttachment[] = [];
  readonly enclosed: EnclosedMessage[] = [];
  textLeft: number;
  partsLeft: number;
  /** Octets of attached messages that may still be decoded and walked: quoted-printable does not shrink from level to level. */
  enclosedLeft: number;

  constructor(budget: ParseBudget) {
    this.budget = budget;
    this.textLeft = budget.textLength;
    this.partsLeft = budget.parts;
    this.enclosedLeft = 2 * budget.messageBytes;
  }

  add(text: string, texts: string[]): void {
    if (text === '') return;
    // What follows is shown in another order than it is written in.
    if (text.includes(RIGHT_TO_LEFT) || text.includes(LEFT_TO_RIGHT)) this.flags.add('unreadable-text');
    if (text.includes(ARMOUR)) this.flags.add('encrypted');
    const kept = text.length > this.textLeft ? text.slice(0, this.textLeft) : text;
    if (kept.length < text.length) this.flags.add('text-truncated');
    this.textLeft -= kept.length;
    if (kept !== '') texts.push(withoutNul(kept));
  }

  /** What kind of message it is: said by what stands in it, not by a message that is attached to it. */
  note(trait: MessageTrait, { texts }: Place): void {
    if (texts === this.body) this.traits.add(trait);
  }

  /** Octets that can still become text: no more are decoded. Markup and encodings take up to three times their text. */
  get octetsWorthReading(): number {
    return this.textLeft * 3;
  }

  attach({ fileName, otherName, mediaType }: Entity, size: number): OpenAttachment {
    const names = { name: withoutNul(fileName), otherName: withoutNul(otherName) };
    const attachment: OpenAttachment = { ...names, mediaType, size, texts: [], isRead: false };
    this.attachments.push(attachment);
    return attachment;
  }
}
