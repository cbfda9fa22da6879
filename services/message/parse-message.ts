import type { ParseFlag } from '#kernel';
import { decodeText } from './charset.ts';
import type { HeaderBlock } from './header-block.ts';
import { readRaw } from './leaf.ts';
import { addMessageHeader, addNotes, addStepped, messageHeader } from './message-header.ts';
import type { MessageHeader } from './message-header.ts';
import { headerStart } from './header-start.ts';
import { defaultParseBudget } from './parse-budget.ts';
import type { ParseBudget } from './parse-budget.ts';
import { emptyMessage } from './parsed-message.ts';
import type { ParsedAttachment, ParsedMessage } from './parsed-message.ts';
import { Reading } from './reading.ts';
import type { EnclosedMessage, OpenAttachment, Place } from './reading.ts';
import { holdsSecondMessage } from './second-message.ts';
import { Walker } from './walker.ts';

/** Text kept of a message on which the reader itself failed. */
const RESCUED_BYTES = 1024 * 1024;

/**
 * What a message says. Linear in its length and bounded by the budget, whatever the octets are. Never throws: what could not
 * be read is named by the flags, and `ambiguous-structure` marks a message that another reader may see differently.
 */
export function parseMessage(bytes: Buffer, budget?: Partial<ParseBudget>): ParsedMessage {
  try {
    return read(bytes, { ...defaultParseBudget, ...budget });
  } catch {
    return rescued(bytes);
  }
}

function read(bytes: Buffer, budget: ParseBudget): ParsedMessage {
  const reading = new Reading(budget);
  const { flags } = reading;
  const seen = bytes.length > budget.messageBytes ? bytes.subarray(0, budget.messageBytes) : bytes;
  if (seen.length < bytes.length) flags.add('message-truncated');
  if (seen.length === 0) flags.add('empty');
  if (seen.includes(0)) flags.add('nul-bytes');
  if (holdsSecondMessage(seen)) flags.add('ambiguous-structure');
  const place: Place = { texts: reading.body, depth: 0, seen: undefined, defaultType: 'text/plain' };
  const walker = new Walker(seen, reading, place);
  const start = headerStart(seen, flags);
  const block = walker.header(start.at);
  addStepped(seen, start, block.fieldsEnd, { texts: reading.notes, reading });
  const header = messageHeader(seen, block, flags);
  addNotes(seen, block, reading);
  flagHeaderEnd(block, seen, flags);
  if (isNoMessage(block)) readRaw(seen, place, reading);
  else walker.walk(block);
  readEnclosed(reading);
  if (reading.links.isCut) flags.add('text-truncated');
  return assemble(header, reading);
}

function isNoMessage(block: HeaderBlock): boolean {
  return block.endedBy === 'no-field' && block.fieldCount === 0;
}

function flagHeaderEnd(block: HeaderBlock, bytes: Buffer, flags: Set<ParseFlag>): void {
  if (block.fieldCount === 0 && bytes.length > 0) flags.add('no-header');
  if (block.endedBy === 'end' && bytes.length > 0) flags.add('no-header-end');
  if (block.endedBy !== 'no-field') return;
  flags.add('no-header-end');
  if (block.fieldCount > 0) flags.add('ambiguous-structure');
}

/** Attached messages that were encoded; each may enclose more, and their parts count against the same budget. */
function readEnclosed(reading: Reading): void {
  for (let next = reading.enclosed.pop(); next !== undefined; next = reading.enclosed.pop()) {
    readOne(next, reading);
  }
}

function readOne({ bytes, texts, depth, isHeader }: EnclosedMessage, reading: Reading): void {
  const place: Place = { texts, depth, seen: undefined, defaultType: 'text/plain' };
  const walker = new Walker(bytes, reading, place);
  const start = headerStart(bytes, reading.flags);
  const header = walker.header(start.at);
  addStepped(bytes, start, header.fieldsEnd, { texts, reading });
  addMessageHeader(bytes, header, texts, reading);
  if (isHeader) readRaw(bytes.subarray(header.bodyStart), place, reading);
  else if (isNoMessage(header)) readRaw(bytes, place, reading);
  else walker.walk(header);
}

function assemble(header: MessageHeader, reading: Reading): ParsedMessage {
  return {
    ...header,
    notes: reading.notes,
    fields: reading.fields,
    links: reading.links.all(),
    body: joined(reading.body),
    attachments: reading.attachments.map(closed),
    flags: [...reading.flags],
    traits: [...reading.traits],
  };
}

function closed({ name, otherName, mediaType, size, texts, isRead }: OpenAttachment): ParsedAttachment {
  const unread = isRead ? {} : { unread: true as const };
  return { name, ...(otherName !== '' && { otherName }), mediaType, size, text: joined(texts), ...unread };
}

function joined(texts: readonly string[]): string {
  return texts.length === 1 ? (texts[0] ?? '') : texts.join('\n');
}

/** A defect of ours must not make a message unsearchable. */
function rescued(bytes: Buffer): ParsedMessage {
  const flags = new Set<ParseFlag>(['parse-failed']);
  const body = decodeText(bytes.subarray(0, RESCUED_BYTES), '', flags).replaceAll('\0', '');
  return { ...emptyMessage, body, flags: [...flags] };
}
