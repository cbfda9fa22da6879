import { LABELLED, SOURCES, SPOKEN_ATTRIBUTES, VALUED } from './html-elements.ts';

/** What an attribute says: words in the line, words beside it, or how, where and from where something is shown. */
export type AttributeKind = 'spoken' | 'tip' | 'direction' | 'style' | 'source' | 'document' | 'class' | 'refresh';

const KINDS = new Map<string, AttributeKind>([
  ['title', 'tip'],
  ['class', 'class'],
  ['id', 'class'],
  ['style', 'style'],
  ['dir', 'direction'],
  ['srcdoc', 'document'],
]);

/** No name contains these. */
const MISREAD = /["'<=]/u;

/** Undefined where its value matters to nobody. */
export function attributeKind(name: string, tag: string): AttributeKind | undefined {
  const kind = KINDS.get(name) ?? (SOURCES.has(name) ? 'source' : undefined);
  if (kind !== undefined) return kind;
  if (name === 'content') return tag === 'meta' ? 'refresh' : undefined;
  return isSpoken(name, tag) ? 'spoken' : undefined;
}

function isSpoken(name: string, tag: string): boolean {
  if (name === 'label') return LABELLED.has(tag);
  if (name === 'value') return VALUED.has(tag);
  // Another reader may see the text that the value of such a name is here.
  return SPOKEN_ATTRIBUTES.has(name) || MISREAD.test(name);
}
