import type { Deployment } from '#app';
import type { SearchDocument } from '#search';

const perMessage = 6;

/** Queries of every shape, made of what messages spread over the archive say, each of which finds something. */
export async function queriesOver({ catalog, index }: Deployment, count: number): Promise<readonly string[]> {
  const queries = new Set<string>();
  const messages = [...catalog.messages.range()];
  const strides = Math.ceil((count / perMessage) * 2);
  for (
    let at = 0;
    queries.size < count && at < messages.length;
    at += Math.max(1, Math.floor(messages.length / strides))
  ) {
    const message = messages[at];
    const indexed = message && (await index.document(message.sequence));
    if (indexed === undefined) continue;
    queries.add(`thread:${indexed.digest.slice(0, 16)}`);
    for (const query of queriesOf(indexed.document)) queries.add(query);
  }
  return [...queries].slice(0, count);
}

function queriesOf({ columns, display }: SearchDocument): string[] {
  const body = columns.body.split(' ');
  const at = body.findIndex(
    (word, index) => index >= body.length / 2 && isPlain(word) && isPlain(body[index + 1] ?? ''),
  );
  const [word, next, last] = [body[at], body[at + 1], body.findLast(isPlain)];
  if (word === undefined || next === undefined || last === undefined) return [];
  const about = columns.subject.split(' ').filter(isPlain).slice(0, 1);
  const by = columns.from.split(' ').filter(isPlain).slice(0, 1);
  const months = display.date === null ? [] : [new Date(display.date).toISOString().slice(0, 7)];
  return [
    `"${word} ${next}"`,
    `${word} ${next}`,
    ...about.map((subject) => `subject:${subject}`),
    ...by.map((from) => `from:${from} ${last}`),
    ...months.map((month) => `${word} date:${month}`),
    `${word} NOT subject:${last}`,
  ];
}

/** Whether a token means itself in a query. */
function isPlain(token: string): boolean {
  return /^[a-z][a-z0-9]+$/u.test(token) && !['and', 'or', 'not'].includes(token);
}
