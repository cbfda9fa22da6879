import { readFileSync } from 'node:fs';
import { type AddressObject, type ParsedMail, simpleParser } from 'mailparser';

/** What a second, unrelated reader says of one message: each field as a list of words, each part for itself. */
export interface Reading {
  readonly custodian: string;
  readonly subject: readonly string[][];
  readonly from: readonly string[][];
  readonly to: readonly string[][];
  readonly cc: readonly string[][];
  readonly body: readonly string[][];
  readonly any: readonly string[][];
  readonly date: number | undefined;
  readonly attachments: number;
}

/** Twelve questions in the query language, and the same in plain code. */
export interface Question {
  readonly query: string;
  readonly holds: (reading: Reading) => boolean;
}

/** Reads a file with `mailparser` and plain string functions: nothing of ours takes part. */
export async function readIndependently(file: string, custodian: string): Promise<Reading> {
  const mail = await simpleParser(readFileSync(file), { skipImageLinks: true, skipTextLinks: true });
  const subject = texts(mail.subject ?? '');
  const from = [...addresses(mail.from), ...lines(mail, 'resent-from', 'return-path')];
  const to = [...addresses(mail.to), ...lines(mail, 'resent-to', 'delivered-to', 'apparently-to', 'x-original-to')];
  const cc = [...addresses(mail.cc), ...lines(mail, 'resent-cc')];
  const body = texts(mail.text ?? '');
  const others = [...addresses(mail.bcc), ...addresses(mail.replyTo), ...senders(mail)];
  const parts = mail.attachments.flatMap((part) => [
    ...texts(part.filename ?? ''),
    ...(part.contentType.startsWith('text/') ? texts(part.content.toString()) : []),
  ]);
  const notes = lines(mail, 'comments', 'keywords', 'resent-bcc');
  const any = [...subject, ...from, ...to, ...cc, ...body, ...others, ...notes, ...parts];
  const date = firstDate(mail);
  return { custodian, subject, from, to, cc, body, any, date, attachments: mail.attachments.length };
}

/** Whether the words of `text` stand side by side in one of the parts. */
export function has(parts: readonly string[][], text: string): boolean {
  const wanted = words(text);
  return parts.some((part) => part.some((_, at) => wanted.every((word, index) => part[at + index] === word)));
}

export function inMonths(reading: Reading, from: string, before: string): boolean {
  return reading.date !== undefined && reading.date >= Date.parse(from) && reading.date < Date.parse(before);
}

/** mailparser gives up on a Date field that says its date twice; the first one counts. */
function firstDate(mail: ParsedMail): number | undefined {
  const line = mail.headerLines.find(({ key }) => key === 'date')?.line ?? '';
  const plain = /\d{1,2} [A-Z][a-z]{2} \d{4} \d{1,2}:\d{2}(?::\d{2})? [+-]\d{4}/u.exec(line)?.[0];
  if (plain === undefined) return mail.date?.getTime();
  // Date.parse takes the year 0001 for 2001; the mail means what it says.
  return / 00\d\d /u.test(plain) ? undefined : Date.parse(plain);
}

/** The words of a text, and by itself what a reader takes apart at an apostrophe: `california` of "California's". */
function texts(text: string): string[][] {
  const joints = folded(text).matchAll(/(?<=(?<before>[\p{L}\p{N}]+))['’](?=(?<behind>[\p{L}\p{N}]+))/gu);
  const apart = [...joints].flatMap(({ groups: { before = '', behind = '' } = {} }) => {
    if (behind === 't') return [];
    return ['ll', 're', 've'].includes(behind) ? [before] : [before, behind];
  });
  return [words(text), ...apart.filter((part) => part.length > 1).map((part) => [part])];
}

function folded(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/[\u0300-\u036F]/gu, '')
    .toLowerCase();
}

function words(text: string): string[] {
  return (
    folded(text)
      .replaceAll(/(?<=[\p{L}\p{N}])['’](?=[\p{L}\p{N}])/gu, '')
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  );
}

function addresses(field: AddressObject | AddressObject[] | undefined): string[][] {
  const fields = field === undefined ? [] : Array.isArray(field) ? field : [field];
  const flat = fields.flatMap((one) => one.value.flatMap((entry) => [entry, ...(entry.group ?? [])]));
  return flat.flatMap(({ name, address }) => [...texts(name), ...texts(address ?? '')]);
}

/** The fields of these names, as they stand. */
function lines(mail: ParsedMail, ...names: readonly string[]): string[][] {
  const fields = mail.headerLines.filter(({ key }) => names.includes(key));
  return fields.flatMap(({ line }) => texts(line.slice(line.indexOf(':') + 1)));
}

function senders(mail: ParsedMail): string[][] {
  const sender = mail.headers.get('sender');
  return typeof sender === 'object' && sender !== null && 'value' in sender ? addresses(sender as AddressObject) : [];
}
