import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { simpleParser } from 'mailparser';
import type { AddressObject, ParsedMail } from 'mailparser';
import { parseMessage } from '../../../services/message/index.ts';
import type { MailAddress, ParsedMessage } from '../../../services/message/index.ts';
import { corpus } from '../../corpora.ts';
import { describeVariant } from '../../describe-variant.ts';

/**
 * Agreement with mailparser on real mail, as shares of messages; floors are what was measured, rounded down. The rest was
 * looked at: text behind escapes, CR line ends, charsets and uuencoded files that only our reader reads, link targets that
 * mailparser writes into the text, dates that mailparser replaces by the present or moves to this century, second subjects that we keep.
 */
const floors = {
  'demo-small': { subject: 0.997, date: 0.999, addresses: 0.997, attachmentNames: 1, words: 0.993 },
  'lists-modern': { subject: 1, date: 1, addresses: 0.997, attachmentNames: 1, words: 0.999 },
  torture: { subject: 0.955, date: 0.95, addresses: 0.994, attachmentNames: 0.997, words: 0.967 },
} as const;

type Measure = keyof (typeof floors)['torture'];

/** mailparser gives up on more, and is slow. */
const MESSAGE_BYTES_MAX = 1_000_000;
const NO_MESSAGE = /\.(?:mbox|json|jsonl|msg|pst|txt|md|yml|yaml|py|go|rs|js|ts)$/u;
const FIELD_START = /^(?:>?From |[!-9;-~]+[ \t]*:)/u;

function messagesIn(folder: string): Buffer[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !NO_MESSAGE.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)))
    .filter((bytes) => bytes.length <= MESSAGE_BYTES_MAX && FIELD_START.test(bytes.toString('latin1', 0, 200)));
}

const squeezed = (text: string): string => text.replace(/[\s\0]+/gu, ' ').trim();

function wordsOf(text: string): Set<string> {
  return new Set(
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu),
  );
}

function theirAddresses(found: AddressObject | AddressObject[] | undefined): string[] {
  return [found ?? []]
    .flat()
    .flatMap(({ value }) => value)
    .flatMap((item) => [item, ...(item.group ?? [])])
    .flatMap(({ address }) => (address ? [address.toLowerCase()] : []));
}

function holds(ours: readonly MailAddress[], theirs: AddressObject | AddressObject[] | undefined): boolean {
  const known = new Set(ours.map(({ address }) => address.toLowerCase()));
  return theirAddresses(theirs).every((address) => known.has(address));
}

function agreement(ours: ParsedMessage, theirs: ParsedMail, now: number): Record<Measure, boolean> {
  const names = new Set(ours.attachments.map(({ name }) => squeezed(name)));
  const text = [ours.subject, ours.body, ...ours.attachments.flatMap((item) => [item.name, item.text])].join('\n');
  const known = wordsOf(text);
  // Link targets in brackets are mailparser's own addition.
  const wanted = [...wordsOf((theirs.text ?? '').replace(/\[https?:[^\]]*\]/gu, ' '))];
  const theirDate = theirs.date?.getTime();
  return {
    subject: squeezed(ours.subject) === squeezed(theirs.subject ?? ''),
    date: theirDate === undefined || theirDate >= now || ours.date === theirDate,
    addresses: holds(ours.from, theirs.from) && holds(ours.to, theirs.to) && holds(ours.cc, theirs.cc),
    attachmentNames: theirs.attachments.every(({ filename }) => !filename || names.has(squeezed(filename))),
    words: wanted.every((word) => known.has(word)),
  };
}

async function measure(folder: string): Promise<Record<Measure, number>> {
  const agreed = { subject: 0, date: 0, addresses: 0, attachmentNames: 0, words: 0 };
  const now = Date.now();
  let count = 0;
  for (const bytes of messagesIn(folder)) {
    const ours = parseMessage(bytes);
    expect(ours.flags).not.toContain('parse-failed');
    const theirs = await simpleParser(bytes, { skipTextToHtml: true, skipImageLinks: true, keepCidLinks: true });
    const same = agreement(ours, theirs, now);
    for (const [name, isSame] of Object.entries(same)) if (isSame) agreed[name as Measure]++;
    count++;
  }
  expect(count).toBeGreaterThan(1000);
  for (const name of Object.keys(agreed)) agreed[name as Measure] /= count;
  return agreed;
}

describeVariant('corpora', 'real mail is read as mailparser reads it', () => {
  for (const name of Object.keys(floors) as (keyof typeof floors)[]) {
    test(name, async () => {
      const folder = await corpus(name);
      const shares = await measure(folder ?? '');
      for (const [key, floor] of Object.entries(floors[name])) {
        expect({ [key]: shares[key as Measure] >= floor || shares[key as Measure] }).toEqual({ [key]: true });
      }
    });
  }
});
