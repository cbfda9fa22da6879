import { BoundaryStack } from './boundary-stack.ts';
import type { Delimiter } from './boundary-stack.ts';
import { describeEntity } from './entity.ts';
import type { Entity } from './entity.ts';
import { readHeader } from './header-block.ts';
import type { HeaderBlock } from './header-block.ts';
import { readLeaf, readRaw } from './leaf.ts';
import { isMessageType } from './message-form.ts';
import { headerStart } from './header-start.ts';
import { addDescription, addMessageHeader, addStepped } from './message-header.ts';
import { isBoilerplate } from './preamble.ts';
import type { OpenAttachment, Place, Reading } from './reading.ts';
import { SeenText } from './seen-text.ts';

/** A multipart that is open. */
interface Frame {
  /** Where the text of its parts goes. */
  readonly place: Place;
  /** Its closing delimiter was seen: what follows is epilogue. */
  closed: boolean;
}

/** An attached message that is being walked in place; it ends with the multipart around it. */
interface OpenMessage {
  readonly attachment: OpenAttachment;
  readonly start: number;
  readonly level: number;
}

/**
 * Walks the MIME structure of one message in one pass over its octets. Nesting is a stack, not recursion, so depth costs
 * nothing but what the budget allows.
 */
export class Walker {
  readonly #bytes: Buffer;
  readonly #end: number;
  readonly #reading: Reading;
  readonly #boundaries: BoundaryStack;
  readonly #frames: Frame[] = [];
  #messages: OpenMessage[] = [];
  #place: Place;

  constructor(bytes: Buffer, reading: Reading, place: Place) {
    this.#bytes = bytes;
    this.#end = bytes.length;
    this.#reading = reading;
    this.#boundaries = new BoundaryStack(reading.flags);
    this.#place = place;
  }

  header(start: number): HeaderBlock {
    const { budget, flags } = this.#reading;
    return readHeader(this.#bytes, start, { end: this.#end, budget, flags, boundaries: this.#boundaries });
  }

  /** Reads everything behind the header of the outermost message. */
  walk(first: HeaderBlock): void {
    let header: HeaderBlock = first;
    for (;;) {
      const next = this.#entity(header);
      if (next === undefined) break;
      header = this.header(next);
      // RFC 2046 §5.1: a part begins with fields or with a blank line.
      if (header.endedBy === 'no-field') this.#reading.flags.add('ambiguous-structure');
    }
    this.#closeMessages(0, this.#end);
    if (this.#frames.some((frame) => !frame.closed)) this.#reading.flags.add('unterminated-multipart');
  }

  /** Reads one entity and returns where the next one begins; undefined at the end. */
  #entity(header: HeaderBlock): number | undefined {
    const { flags } = this.#reading;
    const start = header.bodyStart;
    if (header.junkFrom !== undefined) {
      readRaw(this.#bytes.subarray(header.junkFrom, header.fieldsEnd), this.#place, this.#reading);
    }
    if (this.#reading.partsLeft-- <= 0) {
      flags.add('parts-truncated');
      readRaw(this.#bytes.subarray(start), this.#place, this.#reading);
      this.#frames.length = 0;
      return undefined;
    }
    addDescription(this.#bytes, header, this.#reading);
    const entity = describeEntity(this.#bytes, header, this.#place.defaultType, flags);
    if (entity.mediaType.startsWith('multipart/')) return this.#multipart(entity, start);
    if (isMessageType(entity.mediaType) && entity.encoding === '7bit') return this.#message(entity, start);
    const delimiter = this.#boundaries.next(this.#bytes, start, this.#end);
    readLeaf(this.#content(start, delimiter), entity, this.#place, this.#reading);
    return this.#nextPart(delimiter);
  }

  #multipart(entity: Entity, start: number): number | undefined {
    const { flags } = this.#reading;
    if (entity.mediaType === 'multipart/encrypted') flags.add('encrypted');
    if (entity.mediaType === 'multipart/signed') this.#reading.note('signature', this.#place);
    if (isDeliveryReport(entity)) this.#reading.note('bounce', this.#place);
    if (entity.encoding !== '7bit' || entity.boundary === '') flags.add('ambiguous-structure');
    if (entity.boundary === '' || this.#tooDeep()) {
      if (entity.boundary === '') flags.add('unterminated-multipart');
      return this.#rawUntilDelimiter(start);
    }
    this.#boundaries.push(entity.boundary);
    this.#frames.push({ place: this.#inside(entity), closed: false });
    return this.#preamble(start);
  }

  #preamble(start: number): number | undefined {
    const delimiter = this.#boundaries.next(this.#bytes, start, this.#end);
    const content = this.#content(start, delimiter);
    if (!isBoilerplate(content)) readRaw(content, this.#place, this.#reading);
    return this.#nextPart(delimiter);
  }

  /** What has no parts, or lies too deep: searched as it stands. */
  #rawUntilDelimiter(start: number): number | undefined {
    const delimiter = this.#boundaries.next(this.#bytes, start, this.#end);
    readRaw(this.#content(start, delimiter), this.#place, this.#reading);
    return this.#nextPart(delimiter);
  }

  #inside(entity: Entity): Place {
    const { texts, depth, seen } = this.#place;
    return {
      texts,
      depth: depth + 1,
      seen: entity.mediaType === 'multipart/alternative' ? new SeenText() : seen,
      defaultType: entity.mediaType === 'multipart/digest' ? 'message/rfc822' : 'text/plain',
    };
  }

  /** An attached message in place: its header is read next, its parts go on in the same pass (RFC 2046 §5.2.1). */
  #message(entity: Entity, start: number): number | undefined {
    if (this.#tooDeep()) return this.#rawUntilDelimiter(start);
    const attachment = this.#reading.attach(entity, 0);
    attachment.isRead = true;
    this.#messages.push({ attachment, start, level: this.#frames.length });
    const { depth } = this.#place;
    this.#place = { texts: attachment.texts, depth: depth + 1, seen: undefined, defaultType: 'text/plain' };
    return this.#attachedHeader(start, attachment.texts);
  }

  /** Reads what an attached message's header says, and what stands before it; returns where it begins. */
  #attachedHeader(start: number, texts: string[]): number {
    const reading = this.#reading;
    const own = this.#bytes.subarray(start);
    const found = headerStart(own, reading.flags);
    const header = this.header(start + found.at);
    addStepped(own, found, header.fieldsEnd - start, { texts, reading });
    addMessageHeader(this.#bytes, header, texts, reading);
    return start + found.at;
  }

  #tooDeep(): boolean {
    if (this.#place.depth < this.#reading.budget.depth) return false;
    this.#reading.flags.add('depth-truncated');
    return true;
  }

  #content(start: number, delimiter: Delimiter | undefined): Buffer {
    return this.#bytes.subarray(start, Math.max(start, delimiter?.contentEnd ?? this.#end));
  }

  /** Follows delimiters to the next part. */
  #nextPart(found: Delimiter | undefined): number | undefined {
    let delimiter = found;
    while (delimiter !== undefined) {
      const frame = this.#backTo(delimiter);
      if (frame === undefined) return undefined;
      if (!delimiter.closing) {
        // A part behind the closing delimiter: some readers have stopped there.
        if (frame.closed) this.#reading.flags.add('ambiguous-structure');
        frame.closed = false;
        return delimiter.next;
      }
      frame.closed = true;
      const start: number = delimiter.next;
      delimiter = this.#boundaries.next(this.#bytes, start, this.#end);
      readRaw(this.#content(start, delimiter), this.#place, this.#reading);
    }
    return undefined;
  }

  /** Closes what is inside the multipart that the delimiter belongs to. */
  #backTo(delimiter: Delimiter): Frame | undefined {
    const frame = this.#frames[delimiter.level];
    for (let level = this.#frames.length - 1; level > delimiter.level; level--) {
      if (this.#frames[level]?.closed === false) this.#reading.flags.add('unterminated-multipart');
    }
    this.#frames.length = Math.min(this.#frames.length, delimiter.level + 1);
    this.#boundaries.cutTo(delimiter.level + 1);
    this.#closeMessages(delimiter.level + 1, delimiter.contentEnd);
    if (frame !== undefined) this.#place = frame.place;
    return frame;
  }

  #closeMessages(level: number, end: number): void {
    for (let last = this.#messages.at(-1); last !== undefined && last.level >= level; last = this.#messages.at(-1)) {
      last.attachment.size = Math.max(0, end - last.start);
      this.#messages.pop();
    }
  }
}

/** RFC 6522 §3: what kind of report it is. RFC 3464 §2: on a delivery. */
function isDeliveryReport({ mediaType, parameters }: Entity): boolean {
  return mediaType === 'multipart/report' && parameters.get('report-type')?.toLowerCase() === 'delivery-status';
}
