import { hash } from 'node:crypto';
import type { ParsedMessage } from '#message';
import { analyze } from './analyzer.ts';
import { baseSubject } from './base-subject.ts';
import { fingerprintOf, withoutParts } from './fingerprint.ts';
import { markOf } from './marks.ts';

const TOPIC_DIGITS = 16;

/** By which copies, and answers without references, are found. */
export function relationMarks(parsed: ParsedMessage, { subject }: { readonly subject: string }): readonly string[] {
  const marks: string[] = [];
  const fingerprint = fingerprintOf(parsed);
  if (fingerprint !== undefined) marks.push(markOf('fingerprint', fingerprint));
  const topic = topicOf(parsed.subject, subject);
  if (topic !== undefined) marks.push(markOf('topic', topic));
  return marks;
}

/** The same of a message and of the answers to it; undefined where the subject says nothing else than that. */
function topicOf(subject: string, tokens: string): string | undefined {
  const { text } = baseSubject(subject);
  const words = text.length === subject.length ? withoutParts(tokens) : analyze(text);
  return words === '' ? undefined : hash('sha256', words).slice(0, TOPIC_DIGITS);
}
