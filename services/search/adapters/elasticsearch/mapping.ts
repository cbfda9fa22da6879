import type { estypes } from '@elastic/elasticsearch';
import { analyzerVersion } from '../../analyzer.ts';
import { bandOf } from '../../date-order.ts';
import { decodeDocument } from '../../document-codec.ts';
import { marksOf } from '../../document-marks.ts';
import { markFields, markParts } from '../../marks.ts';
import { engineText } from '../../named-text.ts';
import { searchColumns, type SearchColumn, type SearchDocument } from '../../search-document.ts';
import type { IndexDocument } from '../../search-index.ts';

const ANALYZER = 'tokens';

/** Beyond this the reason of a stub is cut: it is for people. */
const REASON_LENGTH_MAX = 500;

/** Name of the field that has the named texts (`engineText`). */
export const NAMED = 'w_named';

/** Name of the field that has a column's tokens. */
export function fieldOf(column: SearchColumn): string {
  return `w_${column}`;
}

/**
 * Texts are analysed already: the engine only divides at spaces. A token that is too long for Lucene (32,766 bytes) must not be
 * cut on the way to it: the document is refused, and becomes a stub.
 */
const analysis: estypes.IndicesIndexSettingsAnalysis = {
  tokenizer: { spaces: { type: 'whitespace', max_token_length: 1024 * 1024 } },
  analyzer: { [ANALYZER]: { type: 'custom', tokenizer: 'spaces' } },
};

const words: estypes.MappingTextProperty = { type: 'text', analyzer: ANALYZER };

/**
 * The one definition of what is in an index. `_source` is the document: the words that are indexed, what a hit shows, and the
 * digest; it serves hits and the evaluator. A removed message has nothing but `removed`, so that no condition on `sequence`
 * finds it.
 */
export const mappings: estypes.MappingTypeMapping = {
  dynamic: 'strict',
  _meta: { analyzerVersion },
  properties: {
    sequence: { type: 'long' },
    removed: { type: 'long' },
    digest: { type: 'keyword', index: false, doc_values: false },
    display: { type: 'object', enabled: false },
    date: { type: 'long' },
    size: { type: 'long' },
    /** Where the date stands in date order: `bandOf`. */
    band: { type: 'byte' },
    /** All that `marksOf` gives, by their fields. */
    marks: { properties: Object.fromEntries(markFields.map((field) => [field, { type: 'keyword' as const }])) },
    /** Why the engine refused the words of this message. */
    stub: { type: 'keyword', ignore_above: 8191 },
    /** In a stub: what `encodeDocument` gave, for the evaluator. */
    encoded: { type: 'binary' },
    /** In a stub whose encoded document was too large as well: what it says is not known here. */
    wordless: { type: 'boolean' },
    ...Object.fromEntries([...searchColumns.map(fieldOf), NAMED].map((name) => [name, words])),
  },
};

export interface IndexShape {
  readonly shards: number;
  /** Undefined: one copy as soon as there is a second node. */
  readonly replicas?: number | undefined;
}

export function settingsOf({ shards, replicas }: IndexShape): estypes.IndicesIndexSettings {
  return {
    number_of_shards: shards,
    ...(replicas === undefined ? { auto_expand_replicas: '0-1' } : { number_of_replicas: replicas }),
    // Stored documents are most of an index.
    codec: 'best_compression',
    // What must be seen is refreshed when it must; nothing else waits for it.
    refresh_interval: '-1',
    // The default, said because the position rests on it: an acknowledged document is on disk.
    translog: { durability: 'request' },
    // A page of 10,000 hits is asked for with one more, to know whether another page follows.
    max_result_window: 10_001,
    // What was removed is expunged to the last document.
    merge: { policy: { expunge_deletes_allowed: 0 } } as unknown as estypes.IndicesMerge,
    analysis,
  };
}

/** @throws SearchFault `index-damaged` when the document cannot be decoded */
export function bodyOf(document: IndexDocument): string {
  const decoded = decodeDocument(document.encoded);
  const { columns, named } = decoded;
  const texts = searchColumns.map((column) => [fieldOf(column), columns[column]]);
  const filled = [...texts, [NAMED, engineText(named)]].filter(([, text]) => text !== '');
  return JSON.stringify({ ...factsOf(document, decoded), ...Object.fromEntries(filled) });
}

/** What the engine cannot take is found by its facts, and by its words as the evaluator finds them in the encoded document. */
export function stubOf(document: IndexDocument, reason: string): string {
  const decoded = decodeDocument(document.encoded);
  const encoded = Buffer.from(document.encoded).toString('base64');
  return JSON.stringify({ ...factsOf(document, decoded), stub: reason.slice(0, REASON_LENGTH_MAX), encoded });
}

/** The last resort: its encoded document is too large as well, and an answer about words cannot be complete. */
export function wordlessStubOf(document: IndexDocument, reason: string): string {
  const facts = factsOf(document, decodeDocument(document.encoded));
  return JSON.stringify({ ...facts, stub: reason.slice(0, REASON_LENGTH_MAX), wordless: true });
}

export function tombstoneOf(sequence: number): string {
  return JSON.stringify({ removed: sequence });
}

function factsOf({ sequence, digest }: IndexDocument, decoded: SearchDocument): Readonly<Record<string, unknown>> {
  const { display } = decoded;
  const { date, size } = display;
  return { sequence, digest, display, date, size, band: bandOf(date), marks: byField(marksOf(decoded)) };
}

function byField(marks: readonly string[]): Readonly<Record<string, string[]>> {
  const fields: Record<string, string[]> = {};
  for (const mark of marks) {
    const [field, value] = markParts(mark);
    (fields[field] ??= []).push(value);
  }
  return fields;
}
