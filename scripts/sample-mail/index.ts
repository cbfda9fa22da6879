import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Composer } from './compose.ts';
import { mailDate } from './calendar.ts';
import type { Draft } from './draft.ts';
import { tokenOf } from './mime.ts';
import { newsletters } from './newsletter.ts';
import { oddities } from './oddities.ts';
import { people, person, type PersonKey } from './person.ts';
import { weeklyReports } from './weekly.ts';
import * as story from './story/index.ts';

/** One file of the sample: a message in somebody's mailbox. */
export interface SampleMail {
  readonly custodian: string;
  readonly folder: string;
  /** `<n>.eml`, counted from 1 in each folder in the order of time. */
  readonly name: string;
  readonly bytes: Buffer;
}

interface Placed {
  readonly custodian: string;
  readonly folder: string;
  readonly at: string;
  readonly bytes: Buffer;
}

/** Every so many messages, a recipient's copy went through one more server, and differs by its trace lines. */
const RELAYED_EVERY = 6;

function custodianOf(key: PersonKey): string | undefined {
  return person(key).custodian;
}

/** Those whose mailboxes get a copy; `everyone` is a list. */
function recipients(draft: Draft): readonly PersonKey[] {
  const named = [...draft.to, ...(draft.cc ?? [])];
  if (!named.includes('everyone')) return named;
  const all = Object.keys(people).filter((key): key is PersonKey => key in people);
  return all.filter((key) => custodianOf(key) !== undefined && key !== draft.from);
}

/** What a relay puts on top of a message (RFC 5321 §4.4). */
function trace(draft: Draft, to: PersonKey): Buffer {
  const id = tokenOf(`relay ${draft.id} ${to}`, 10).toUpperCase();
  const from = person(draft.from).address.split('@')[1] ?? '';
  return Buffer.from(
    `Received: from mx.${from} (203.0.113.${(draft.id.length % 200) + 10})\r\n by relay.northmere-spanworks.example with ESMTPS id ${id}\r\n for <${person(to).address}>; ${mailDate(draft.at)}\r\n`,
  );
}

function copies(draft: Draft, bytes: Buffer, index: number): readonly Placed[] {
  const placed: Placed[] = [];
  const sender = custodianOf(draft.from);
  const sentTo = draft.folders?.[draft.from] ?? 'sent';
  if (sender !== undefined) placed.push({ custodian: sender, folder: sentTo, at: draft.at, bytes });
  const others = recipients(draft).filter((key) => key !== draft.from);
  for (const [place, key] of others.entries()) {
    const custodian = custodianOf(key);
    if (custodian === undefined) continue;
    const isRelayed = place > 0 && (index + place) % RELAYED_EVERY === 0;
    const received = isRelayed ? Buffer.concat([trace(draft, key), bytes]) : bytes;
    placed.push({ custodian, folder: draft.folders?.[key] ?? 'inbox', at: draft.at, bytes: received });
  }
  return placed;
}

function allDrafts(seed: number): readonly Draft[] {
  return [...Object.values(story).flat(), ...newsletters, ...weeklyReports(seed)];
}

/**
 * A few hundred messages of the invented Northmere Spanworks, from March 2023 to August 2024, as seven mailboxes hold
 * them. The same seed gives the same bytes on every machine, at any time.
 */
export function* generateSampleMail(seed = 2217): Generator<SampleMail> {
  const drafts = allDrafts(seed);
  const composer = new Composer(drafts);
  const placed: Placed[] = drafts.flatMap((draft, index) => copies(draft, composer.bytes(draft), index));
  placed.push(...oddities);
  const numbers = new Map<string, number>();
  for (const { custodian, folder, bytes } of placed.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))) {
    const number = (numbers.get(`${custodian}/${folder}`) ?? 0) + 1;
    numbers.set(`${custodian}/${folder}`, number);
    yield { custodian, folder, name: `${number}.eml`, bytes };
  }
}

/** Writes the sample as `<custodian>/<folder>/<n>.eml` below `folder`, and says how many messages and bytes that is. */
export async function writeSampleMail(
  folder: string,
  seed?: number,
): Promise<{ readonly messages: number; readonly bytes: number }> {
  let [messages, bytes] = [0, 0];
  for (const mail of generateSampleMail(seed)) {
    const path = join(folder, mail.custodian, mail.folder, mail.name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, mail.bytes);
    messages += 1;
    bytes += mail.bytes.length;
  }
  return { messages, bytes };
}
