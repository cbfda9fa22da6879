import type { Digest, Sequence } from '#kernel';
import { analyze } from './analyzer.ts';
import { baseSubject } from './base-subject.ts';
import { BETWEEN } from './document-text.ts';
import { markOf, markParts } from './marks.ts';
import type { SearchDocument } from './search-document.ts';
import type { IndexedMessage } from './search-index.ts';

/** Those who wrote and got a message, as far as they are compared: a letter to everybody is one to nobody in particular. */
const PARTICIPANTS_MAX = 500;

/** What of a message says to which others it belongs. */
export interface RelatedMessage {
  readonly sequence: Sequence;
  readonly digest: Digest;
  /** Marks that only messages of one thread have: what each is named by as `message-id:`, and its fingerprint. */
  readonly ties: readonly string[];
  /** Undefined where its subject ties it to no other. */
  readonly topic: Topic | undefined;
}

/** By what a message without references is found to belong to others. */
export interface Topic {
  readonly mark: string;
  readonly date: number;
  /** Addresses in tokens of the analyzer. */
  readonly participants: readonly string[];
  /** Whether it calls itself an answer, and does not say to which message. */
  readonly isLooseAnswer: boolean;
}

export function relatedMessage(sequence: Sequence, { digest, document }: IndexedMessage): RelatedMessage {
  return { sequence, digest, ties: tiesOf(document.marks), topic: topicOf(document) };
}

function tiesOf(marks: readonly string[]): string[] {
  const ties = new Set<string>();
  for (const mark of marks) {
    const [field, value] = markParts(mark);
    if (field === 'reference' || field === 'message-id') ties.add(markOf('message-id', value));
    if (field === 'fingerprint') ties.add(mark);
  }
  return [...ties];
}

function topicOf(document: SearchDocument): Topic | undefined {
  const { subject, date } = document.display;
  const mark = document.marks.find((one) => one.startsWith('topic:'));
  if (mark === undefined || date === null) return undefined;
  const isLoose = !document.marks.some((one) => one.startsWith('reference:'));
  const isLooseAnswer = isLoose && baseSubject(subject).isAnswer;
  return { mark, date, participants: participantsOf(document), isLooseAnswer };
}

/** What of names and addresses ends with one of the message's hosts: those of one label, which names may end with as well, do not count. */
function participantsOf({ columns, marks }: SearchDocument): readonly string[] {
  const hosts = new Set<string>();
  for (const mark of marks) {
    const [field, value] = markParts(mark);
    if (field === 'domain' && value.includes('.')) hosts.add(analyze(value));
  }
  const participants = new Set<string>();
  for (const column of [columns.from, columns.to, columns.cc, columns.bcc]) {
    for (const text of column.split(BETWEEN)) {
      if (participants.size < PARTICIPANTS_MAX && endsWithOneOf(hosts, text)) participants.add(text);
    }
  }
  return [...participants];
}

function endsWithOneOf(hosts: ReadonlySet<string>, text: string): boolean {
  for (let at = text.indexOf(' '); at >= 0; at = text.indexOf(' ', at + 1)) {
    if (hosts.has(text.slice(at + 1))) return true;
  }
  return false;
}
