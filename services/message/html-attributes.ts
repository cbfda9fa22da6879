import { LABELLED, SOURCES, SPOKEN_ATTRIBUTES, VALUED } from './html-elements.ts';

/** What an attribute says: words in the line, words beside it, or how, where and from where something is shown. */
export type AttributeKind = 'spoken' | 'tip' | 'direction' | 'style' | 'source' | 'document' | 'class';

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
  const kind = KINDS.get(name);
  if (kind !== undefined) return kind;
  if (SOURCES.has(name)) return 'source';
  if (name === 'label') return LABELLED.has(tag) ? 'spoken' : undefined;
  // Another reader may see the text that the value of such a name is here.
  if (MISREAD.test(name)) return 'spoken';
  return SPOKEN_ATTRIBUTES.has(name) || (name === 'value' && VALUED.has(tag)) ? 'spoken' : undefined;
}
